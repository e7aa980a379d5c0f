;;; Run by emacs.test.js: emacs --batch -l emacs-eglot.el FILE (no -Q: the site's start-up finds eglot where it is a package).
;;; Eglot starts the server, types, takes the entry of the completion list and saves. Prints what it saw; exit code 1 on failure.
(require 'eglot)
(require 'json)
(setq eglot-sync-connect t eglot-connect-timeout 60 make-backup-files nil)

(defvar dlsp-state nil)
(cl-defmethod eglot-handle-notification (_server (_method (eql $/diffusion/status)) &key state &allow-other-keys)
  (setq dlsp-state state))

(define-derived-mode dlsp-mode prog-mode "Dlsp")
(add-to-list 'eglot-server-programs
             (cons 'dlsp-mode (append (append (json-read-from-string (getenv "DLSP_COMMAND")) nil)
                                      '(:initializationOptions (:debounceMs 0 :suggestions "all")))))

(defun dlsp-check (holds sentence)
  (unless holds (error "%s" sentence))
  holds)

(with-current-buffer (find-file-noselect (car command-line-args-left))
  (dlsp-mode)
  (apply #'eglot--connect (eglot--guess-contact))
  (unless (eglot-managed-p) (eglot--managed-mode 1))
  (let ((server (eglot--current-server-or-lose)) (tries 0))
    (while (and (not (equal dlsp-state "ready")) (< (setq tries (1+ tries)) 1200)) (accept-process-output nil 0.1))
    (dlsp-check (equal dlsp-state "ready") (format "the model is not ready: %s" dlsp-state))

    ;; Typing goes to the server as Emacs' own changes, characters beyond the first plane before the cursor included.
    (goto-char (point-max))
    (insert "name = \"é🙂\"\nfor i in ")
    (eglot--signal-textDocument/didChange)
    (let* ((params (eglot--TextDocumentPositionParams))
           (ghost (jsonrpc-request server :textDocument/inlineCompletion (append params '(:context (:triggerKind 1))) :timeout 60))
           (list (jsonrpc-request server :textDocument/completion params :timeout 60))
           (shown (plist-get (aref (plist-get ghost :items) 0) :insertText))
           (item (aref (plist-get list :items) 0)))
      (dlsp-check (string-prefix-p "for i in " shown) (format "ghost text does not begin with the line: %s" shown))
      (eglot--apply-text-edits (vector (plist-get item :textEdit)))
      (dlsp-check (string-match-p "name = \"é🙂\"\nfor i in ." (buffer-string)) (format "the entry is not in the buffer: %s" (buffer-string)))
      (save-buffer)
      (princ (format "list: %s\nghost: %s\nPASS eglot in Emacs %s\n" (plist-get item :label) shown emacs-version))
      (eglot-shutdown server))))

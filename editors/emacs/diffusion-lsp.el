;;; diffusion-lsp.el --- Completions from a diffusion code model, over eglot  -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.8"))
;; Keywords: convenience, languages, tools
;; SPDX-License-Identifier: MIT

;;; Commentary:

;; (require 'diffusion-lsp) and (diffusion-lsp-setup) let `eglot' start the server diffusion-lsp in the modes of
;; `diffusion-lsp-modes'.  Eglot runs one server for each mode, so this one replaces any other there.
;; The suggestion is an entry of `completion-at-point'; `diffusion-lsp-complete' inserts it directly.

;;; Code:

(require 'eglot)
(require 'seq)

(defgroup diffusion-lsp nil
  "Completions from a diffusion code model."
  :group 'tools)

(defcustom diffusion-lsp-command '("diffusion-lsp" "lsp" "--stdio")
  "The server command and its arguments."
  :type '(repeat string))

(defcustom diffusion-lsp-modes '(python-mode python-ts-mode js-mode js-ts-mode typescript-mode typescript-ts-mode tsx-ts-mode csharp-mode csharp-ts-mode)
  "Major modes in which eglot starts the server."
  :type '(repeat symbol))

(defcustom diffusion-lsp-settings '(:debounceMs 0)
  "Settings of the server, as a property list."
  :type 'plist)

;;;###autoload
(defun diffusion-lsp-setup ()
  "Let eglot start the server in `diffusion-lsp-modes'."
  (add-to-list 'eglot-server-programs
               (cons diffusion-lsp-modes
                     (append diffusion-lsp-command (list :initializationOptions diffusion-lsp-settings)))))

(defun diffusion-lsp--suggestion ()
  "The server's suggestion at point, as an LSP item; nil: none."
  (let ((answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/inlineCompletion
                                 (append (eglot--TextDocumentPositionParams) '(:context (:triggerKind 1))))))
    (seq-first (plist-get answer :items))))

;;;###autoload
(defun diffusion-lsp-complete ()
  "Insert the server's suggestion at point."
  (interactive)
  (eglot--signal-textDocument/didChange)
  (let ((item (diffusion-lsp--suggestion)))
    (if (null item)
        (message "DiffusionLsp has no suggestion here")
      (let* ((region (eglot--range-region (plist-get item :range)))
             (text (plist-get item :insertText)))
        (delete-region (car region) (cdr region))
        (goto-char (car region))
        (insert text)
        ;; The server learns from which suggestions are kept.
        (when-let ((command (plist-get item :command)))
          (jsonrpc-async-request (eglot--current-server-or-lose) :workspace/executeCommand
                                 (list :command (plist-get command :command) :arguments (plist-get command :arguments))
                                 :success-fn #'ignore :error-fn #'ignore))))))

(provide 'diffusion-lsp)
;;; diffusion-lsp.el ends here

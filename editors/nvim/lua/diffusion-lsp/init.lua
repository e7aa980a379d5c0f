-- Starts the server diffusion-lsp for the file types that it supports, and maps keys to its suggestions. Neovim 0.12 and newer show them as
-- ghost text (vim.lsp.inline_completion), 0.11 in the completion menu, older versions through omni completion (CTRL-X CTRL-O).
local M = {}

local name = 'diffusion-lsp'
local defaults = {
  -- The server's command.
  cmd = { 'diffusion-lsp', 'lsp', '--stdio' },
  filetypes = {
    'c', 'cpp', 'cs', 'css', 'go', 'html', 'java', 'javascript', 'javascriptreact', 'json', 'lua', 'markdown', 'php', 'python', 'ruby',
    'rust', 'sh', 'typescript', 'typescriptreact', 'yaml',
  },
  root_markers = { '.git' },
  -- The server's settings, with the names in docs/EDITORS.md. Neovim itself waits 200 ms.
  settings = { debounceMs = 0 },
  -- Insert-mode keys; false: no key. Without a suggestion, a key does what it did without this plugin.
  keys = { accept = '<Tab>', accept_word = '<C-Right>', accept_line = '<C-Down>' },
}

local options = defaults
local last_status = nil

---The options given to `setup`, over the defaults.
function M.options() return options end

---The server's last status (`$/diffusion/status`): a table with `state`, `message`, `model` and more; nil before the first one.
function M.status() return last_status end

local function on_status(_, status)
  local was = last_status and last_status.state
  last_status = status
  if status.state == 'error' and was ~= 'error' then vim.notify('DiffusionLsp: ' .. status.message, vim.log.levels.WARN) end
end

---Accepts the whole suggestion. Returns whether there was one.
function M.accept() return M.has_ghost_text() and vim.lsp.inline_completion.get() end

-- Inserts a part of the suggestion at the cursor; the next suggestion continues from there.
local function accept_part(pattern)
  return M.has_ghost_text() and vim.lsp.inline_completion.get({
    on_accept = function(item)
      local text = item.insert_text
      if type(text) ~= 'string' or not item.range then return item end
      local row, column = unpack(vim.api.nvim_win_get_cursor(0))
      local _, start = item.range:to_extmark()
      -- Suggestions repeat their line up to the cursor.
      local typed = vim.api.nvim_get_current_line():sub(start + 1, column)
      if not vim.startswith(text, typed) then return item end
      local part = text:sub(#typed + 1):match(pattern)
      if part == nil or part == text:sub(#typed + 1) then return item end
      local lines = vim.split(part, '\n')
      vim.api.nvim_buf_set_text(0, row - 1, column, row - 1, column, lines)
      vim.api.nvim_win_set_cursor(0, { row + #lines - 1, (#lines == 1 and column or 0) + #lines[#lines] })
    end,
  })
end

---Accepts the next word of the suggestion, with the blanks before it. Returns whether there was one.
function M.accept_word() return accept_part('^%s*[%w_\128-\255]+') or accept_part('^%s*%S') end

---Accepts the suggestion up to the end of its line. Returns whether there was one.
function M.accept_line() return accept_part('^\n*[^\n]*') end

---Turns suggestions on or off in every buffer.
function M.toggle()
  if M.has_ghost_text() then vim.lsp.inline_completion.enable(not vim.lsp.inline_completion.is_enabled()) end
end

---Whether this Neovim shows ghost text.
function M.has_ghost_text() return vim.lsp.inline_completion ~= nil end

local function map(action, key)
  if not key then return end
  vim.keymap.set('i', key, function()
    if not M[action]() then return vim.api.nvim_replace_termcodes(key, true, false, true) end
  end, { expr = true, replace_keycodes = false, desc = 'DiffusionLsp: ' .. action })
end

local function config()
  return { cmd = options.cmd, filetypes = options.filetypes, root_markers = options.root_markers, init_options = options.settings, handlers = { ['$/diffusion/status'] = on_status } }
end

-- Before 0.11 a client must be started for each buffer; buffers with the same root share one.
local function start_by_hand(event)
  local marker = vim.fs and vim.fs.find(options.root_markers, { upward = true, path = vim.fn.fnamemodify(event.file, ':p:h') })[1]
  local root = marker and vim.fs.dirname(marker) or vim.fn.getcwd()
  local client = { name = name, cmd = options.cmd, root_dir = root, init_options = options.settings, handlers = { ['$/diffusion/status'] = on_status } }
  if vim.lsp.start then
    vim.lsp.start(client, { bufnr = event.buf })
    return
  end
  M.clients = M.clients or {}
  M.clients[root] = M.clients[root] or vim.lsp.start_client(client)
  vim.lsp.buf_attach_client(event.buf, M.clients[root])
  vim.api.nvim_buf_set_option(event.buf, 'omnifunc', 'v:lua.vim.lsp.omnifunc')
end

---Starts the server with the next file of a supported type.
---@param user table? see the top of this file
function M.setup(user)
  options = vim.tbl_deep_extend('force', defaults, user or {})
  if user and user.cmd then options.cmd = user.cmd end -- lists are taken as they are, not merged
  if user and user.filetypes then options.filetypes = user.filetypes end
  local group = vim.api.nvim_create_augroup(name, {})
  if not vim.lsp.config then
    vim.api.nvim_create_autocmd('FileType', { group = group, pattern = options.filetypes, callback = start_by_hand })
    return
  end
  vim.lsp.config(name, config())
  vim.lsp.enable(name)
  if not M.has_ghost_text() then
    vim.api.nvim_create_autocmd('LspAttach', {
      group = group,
      callback = function(event)
        local client = vim.lsp.get_client_by_id(event.data.client_id)
        if client and client.name == name then vim.lsp.completion.enable(true, client.id, event.buf, { autotrigger = false }) end
      end,
    })
    return
  end
  vim.lsp.inline_completion.enable(true)
  for action, key in pairs(options.keys or {}) do map(action, key) end
end

return M

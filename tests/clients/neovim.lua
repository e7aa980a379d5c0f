-- Run by neovim.test.js in a headless Neovim, 0.7 or newer: nvim --headless -u NONE -i NONE -c 'luafile neovim.lua' FILE
-- Neovim's own LSP client starts the server, types, and asks for both kinds of completion. Prints what it saw; :cq on failure.
local arguments = vim.fn.json_decode(vim.env.DLSP_COMMAND)

local function check(condition, message)
  if not condition then error(message, 2) end
  return condition
end

local function scenario()
  local state, problem
  local client_id = check(vim.lsp.start_client({
    name = 'diffusion-lsp',
    cmd = arguments,
    root_dir = vim.fn.getcwd(),
    init_options = { debounceMs = 0, suggestions = 'all' },
    handlers = {
      ['$/diffusion/status'] = function(_, status)
        state = status.state
        if state == 'error' then problem = status.message end
      end,
    },
  }), 'the client does not start')
  vim.lsp.buf_attach_client(0, client_id)
  vim.wait(120000, function() return state == 'ready' or problem ~= nil end, 20)
  check(state == 'ready', problem or 'the model is not ready in time')

  -- Typing goes to the server as incremental changes, in Neovim's own way.
  local last = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_buf_set_lines(0, last, last, false, { 'local 🙂 = 1', 'for i = 1, ' })
  vim.api.nvim_win_set_cursor(0, { last + 2, 11 })
  local params = vim.lsp.util.make_position_params(0, 'utf-16')
  params.position = { line = last + 1, character = 11 }

  local function ask(method)
    local answers = check(vim.lsp.buf_request_sync(0, method, params, 120000), method .. ': no answer in time')
    local answer = check(answers[client_id], method .. ': no answer')
    check(answer.error == nil, method .. ': ' .. vim.inspect(answer.error))
    return check(answer.result, method .. ': null').items
  end

  local list = ask('textDocument/completion')
  params.context = { triggerKind = 1 }
  local ghost = ask('textDocument/inlineCompletion')
  check(#ghost == 1, 'no ghost text')
  check(vim.startswith(ghost[1].insertText, 'for i = 1, '), 'it does not begin with the line: ' .. ghost[1].insertText)
  check(#ghost[1].insertText > 11, 'it adds nothing')
  check(#list == 1 and list[1].textEdit.newText ~= '', 'no list entry')
  io.stdout:write('ghost: ' .. ghost[1].insertText .. '\n')

  local client = vim.lsp.get_client_by_id(client_id)
  client.stop()
  check(vim.wait(10000, function() return vim.lsp.get_client_by_id(client_id) == nil or client.is_stopped() end, 20), 'the server does not stop')
end

local ok, message = pcall(scenario)
io.stdout:write(ok and 'PASS\n' or ('FAIL ' .. tostring(message) .. '\n'))
vim.cmd(ok and 'qa!' or 'cq!')

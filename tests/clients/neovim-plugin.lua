-- Run by neovim.test.js in a headless Neovim before 0.12: the plugin in editors/nvim starts the server for a file type, the list has an
-- entry, and the health check says what this Neovim lacks. Prints what it saw; :cq on failure.
local function check(condition, message)
  if not condition then error(message, 2) end
  return condition
end

local function scenario()
  vim.opt.runtimepath:append(vim.env.DLSP_PLUGIN)
  local plugin = require('diffusion-lsp')
  plugin.setup({ cmd = vim.fn.json_decode(vim.env.DLSP_COMMAND), settings = { debounceMs = 0, suggestions = 'all' } })
  check(not plugin.accept() and not plugin.accept_word() and not plugin.accept_line(), 'there is no ghost text to take')
  vim.cmd('set filetype=python')
  local function state() return plugin.status() and plugin.status().state end
  vim.wait(120000, function() return state() == 'ready' or state() == 'error' end, 20)
  check(state() == 'ready', plugin.status() and plugin.status().message or 'the plugin started no server')

  vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'for i in ' })
  vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(0), 9 })
  local params = vim.lsp.util.make_position_params(0, 'utf-16')
  params.position.character = 9
  local answers = check(vim.lsp.buf_request_sync(0, 'textDocument/completion', params, 120000), 'no answer in time')
  local _, answer = next(answers)
  check(answer and answer.result and #answer.result.items == 1, 'no list entry: ' .. vim.inspect(answers))
  io.stdout:write('entry: ' .. answer.result.items[1].label .. '\n')

  vim.cmd('checkhealth diffusion-lsp')
  local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  check(report:find('Ghost text needs Neovim 0.12', 1, true), report)
  check(report:find('The running server is %a+ with nano'), report)
  check(report:find('text round-trips exactly', 1, true), report)
  check(not report:find('ERROR', 1, true), report)
end

local ok, message = pcall(scenario)
io.stdout:write(ok and 'PASS\n' or ('FAIL ' .. tostring(message) .. '\n'))
vim.cmd(ok and 'qa!' or 'cq!')

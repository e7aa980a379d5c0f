-- :checkhealth diffusion-lsp
local M = {}

local health = vim.health or require('health')
local start, ok, warn, fail = health.start or health.report_start, health.ok or health.report_ok, health.warn or health.report_warn, health.error or health.report_error

function M.check()
  local plugin = require('diffusion-lsp')
  start('diffusion-lsp')
  if plugin.has_ghost_text() then
    ok('This Neovim shows ghost text.')
  elseif vim.lsp.config then
    warn('Ghost text needs Neovim 0.12; suggestions are in the completion menu (CTRL-X CTRL-O).')
  else
    warn('Ghost text needs Neovim 0.12; suggestions come through omni completion (CTRL-X CTRL-O).')
  end

  local command = plugin.options().cmd[1]
  if vim.fn.executable(command) == 0 then
    fail(command .. ' is not an executable; install it (npm install --global diffusion-lsp, or dotnet tool install --global diffusion-lsp), or set the option cmd.')
    return
  end
  ok(vim.fn.exepath(command))
  local status = plugin.status()
  if status then ok('The running server is ' .. status.state .. (status.model ~= vim.NIL and status.model and (' with ' .. status.model) or '') .. '.') end

  for _, line in ipairs(vim.fn.systemlist({ command, 'doctor' })) do
    if vim.startswith(line, 'PROBLEM') then fail((line:gsub('^PROBLEM%s*', ''))) elseif vim.startswith(line, 'ok') then ok((line:gsub('^ok%s*', ''))) end
  end
end

return M

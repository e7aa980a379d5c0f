-- The configuration of neovim12.test.js: what docs/EDITORS.md says for Neovim 0.12, and a look at the ghost text on the screen.
vim.lsp.config('diffusion', {
  cmd = vim.fn.json_decode(vim.env.DLSP_COMMAND),
  filetypes = { 'typescript' },
  root_dir = vim.fn.getcwd(),
  init_options = { debounceMs = 0, suggestions = 'all' },
  handlers = { ['$/diffusion/status'] = function(_, status) _G.DlspState = status.state end },
})
vim.lsp.enable('diffusion')
vim.lsp.inline_completion.enable(true)
vim.keymap.set('i', '<Tab>', function()
  if not vim.lsp.inline_completion.get() then return '<Tab>' end
end, { expr = true, replace_keycodes = true })

-- The text of every virtual text in the buffer.
function _G.DlspGhost()
  local out = {}
  for _, namespace in pairs(vim.api.nvim_get_namespaces()) do
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
      for _, chunk in ipairs(mark[4].virt_text or {}) do out[#out + 1] = chunk[1] end
      for _, line in ipairs(mark[4].virt_lines or {}) do
        out[#out + 1] = '\n'
        for _, chunk in ipairs(line) do out[#out + 1] = chunk[1] end
      end
    end
  end
  return table.concat(out)
end

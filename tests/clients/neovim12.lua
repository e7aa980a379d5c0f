-- The configuration of neovim12.test.js: the plugin in editors/nvim, and a look at the ghost text on the screen.
vim.opt.runtimepath:append(vim.env.DLSP_PLUGIN)
require('diffusion-lsp').setup({ cmd = vim.fn.json_decode(vim.env.DLSP_COMMAND), settings = { debounceMs = 0, suggestions = 'all' } })

function _G.DlspState()
  local status = require('diffusion-lsp').status()
  return status and status.state or 'none'
end

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

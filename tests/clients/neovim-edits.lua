-- Run by neovim.test.js: Neovim's own LSP client puts a list entry into the buffer, and lets the server refill a selection.
local arguments = vim.fn.json_decode(vim.env.DLSP_COMMAND)

local function check(condition, message)
  if not condition then error(message, 2) end
  return condition
end

local function lines() return vim.api.nvim_buf_get_lines(0, 0, -1, false) end

local function scenario()
  local state, problem, told
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
      ['window/showMessage'] = function(_, message) told = message.message end,
    },
  }), 'the client does not start')
  vim.lsp.buf_attach_client(0, client_id)
  vim.wait(120000, function() return state == 'ready' or problem ~= nil end, 20)
  check(state == 'ready', problem or 'the model is not ready in time')

  local function ask(method, params)
    local answers = check(vim.lsp.buf_request_sync(0, method, params, 120000), method .. ': no answer in time')
    local answer = check(answers[client_id], method .. ': no answer')
    check(answer.error == nil, method .. ': ' .. vim.inspect(answer.error))
    return answer.result
  end

  -- A list entry: Neovim's own text edits put it in, and the line begins with what was typed.
  local typed = '    name = "é🙂"; value = '
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { '', 'def twice(items):', typed })
  local document = vim.lsp.util.make_text_document_params(0)
  local last = #lines() - 1
  local list = ask('textDocument/completion', { textDocument = document, position = { line = last, character = vim.str_utfindex(typed) + 1 } })
  local item = check(list.items[1], 'no list entry')
  check(list.isIncomplete == true and item.preselect == false and item.sortText == '~', vim.inspect(item))
  check(#item.label > 0 and item.label:find('\n') == nil, 'label: ' .. item.label)
  vim.lsp.util.apply_text_edits({ item.textEdit }, 0, 'utf-16')
  local after = lines()[last + 1]
  check(vim.startswith(after, typed) and #after > #typed, 'the entry does not go on with the line: ' .. after)

  -- A refill: the action's command, run by the server through workspace/applyEdit.
  local before = lines()
  local range = { start = { line = 3, character = 0 }, ['end'] = { line = 4, character = 0 } }
  local actions = ask('textDocument/codeAction', { textDocument = document, range = range, context = { diagnostics = {} } })
  check(#actions == 1 and actions[1].title == 'Refill selection', vim.inspect(actions))
  ask('workspace/executeCommand', { command = actions[1].command.command, arguments = actions[1].command.arguments })
  local now = lines()
  check(told ~= nil or not vim.deep_equal(before, now), 'neither an edit nor a word')
  check(now[3] == before[3] and vim.startswith(now[4], '        '), 'the text around it: ' .. vim.inspect(now))
  check(now[#now] == before[#before] and vim.tbl_contains(now, '    return result'), 'the text below: ' .. vim.inspect(now))
  io.stdout:write('refilled: ' .. (told or now[4]) .. '\n')

  local client = vim.lsp.get_client_by_id(client_id)
  client.stop()
  check(vim.wait(10000, function() return vim.lsp.get_client_by_id(client_id) == nil or client.is_stopped() end, 20), 'the server does not stop')
end

local ok, message = pcall(scenario)
io.stdout:write(ok and 'PASS\n' or ('FAIL ' .. tostring(message) .. '\n'))
vim.cmd(ok and 'qa!' or 'cq!')

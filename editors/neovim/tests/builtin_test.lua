-- Suggestions as Neovim's own inline completion shows them, where it has one.

local harness = require('harness')
local equal, test = harness.equal, harness.test
local project = vim.env.AMBIT_TEST_PROJECT

if not vim.lsp.inline_completion then
  io.stdout:write('not run: neovim: its own inline completion, which came with 0.12\n')
  return
end

--- Begins an expense in `ledger.py`, with what Neovim tells the server written down.
local function begun()
  local editor = harness.start({ project .. '/ledger.py' }, [[
    told = {}
    vim.lsp.config('ambit', { on_init = function(client)
      local notify, request = client.notify, client.request
      client.notify = function(self, method, params)
        if method:find('Completion$') then table.insert(told, method) end
        return notify(self, method, params)
      end
      client.request = function(self, method, params, ...)
        if method == 'workspace/executeCommand' then table.insert(told, params.command) end
        return request(self, method, params, ...)
      end
    end })
  ]], nil, true):ready()
  editor:type(harness.EXPENSE)
  return editor
end

test('Neovim shows a suggestion, and Tab takes it', function()
  local editor = begun()
  local first = vim.split(editor:suggestion(), '\n')[1]
  equal(editor:ghost()[1].group, 'ComplHint', 'by whom it is shown')
  local row = editor:cursor()[1]
  editor:type('<Tab>')
  editor:eventually('the suggestion in the text', function()
    return editor:line(row) == '    ledger.' .. first
  end)
  editor:eventually('what was told', function()
    local told = editor:lua('return told')
    return told[1] == 'textDocument/didShowCompletion' and vim.tbl_contains(told, 'ambit.accepted')
  end)
  editor:type('<Esc>u')
  editor:eventually('one step of undo takes back what was taken, and no more', function()
    return editor:line(row) == '    ledger.'
  end)
end)

test('Neovim shows a suggestion, and a word of it is taken', function()
  local editor = begun()
  local first = vim.split(editor:suggestion(), '\n')[1]
  local word = assert(first:match('^%w+'))
  local row = editor:cursor()[1]
  editor:type('<C-Right>')
  editor:eventually('its first word', function()
    return editor:line(row) == '    ledger.' .. word
  end)
  editor:eventually('what was told', function()
    return vim.tbl_contains(editor:lua('return told'), 'textDocument/didPartiallyAcceptCompletion')
  end)
end)

test('what Neovim shows is put away, and there are others to choose from', function()
  local editor = begun()
  local first = editor:suggestion()
  editor:type('<C-]>')
  editor:eventually('it was put away', function()
    return editor:ghost_text() == ''
  end)
  editor:type('<Tab>x')
  local row = editor:cursor()[1]
  editor:eventually('Tab is what it was', function()
    return editor:line(row):find('^    ledger%.%s+x$') ~= nil
  end)
  editor:type('<C-u>    ledger.')
  editor:eventually('it is there again', function()
    return editor:ghost_text() == first
  end)
  editor:type('entries.append((')
  editor:eventually('nothing is shown where there is doubt', function()
    return editor:line(row) == '    ledger.entries.append((' and editor:ghost_text() == ''
  end)
  editor:type('<M-\\>')
  local asked = editor:suggestion('<M-\\>')
  editor:type('<M-]>')
  local other = ''
  editor:eventually('another one', function()
    other = editor:ghost_text()
    return other ~= '' and other ~= asked
  end)
  editor:type('<Tab>')
  editor:eventually('the other one in the text', function()
    return editor:line(row) == '    ledger.entries.append((' .. other
  end)
end)

test('where nothing follows any more, Neovim shows nothing', function()
  local editor = begun()
  editor:suggestion()
  editor:type('q@#')
  editor:eventually('it has gone', function()
    return editor:ghost_text() == ''
  end)
end)

-- Ghost text: it appears, is taken, whole or in parts, and goes.

local harness = require('harness')
local equal, holds, test = harness.equal, harness.holds, harness.test
local project = assert(vim.env.AMBIT_TEST_PROJECT, 'AMBIT_TEST_PROJECT is to name the project to test with')

--- Opens `ledger.py`, and begins an expense below its last line, as it was begun twice above.
---@param init string?
local function begun(init)
  local editor = harness.start({ project .. '/ledger.py' }, init):ready()
  editor:type(harness.EXPENSE)
  return editor
end

--- What a suggestion stands behind.
local TYPED = '    ledger.'

test('a suggestion stands behind what is typed, and Tab takes it', function()
  local editor = begun()
  local text = editor:suggestion()
  local pieces = editor:ghost()
  local row, column = unpack(editor:cursor())
  equal({ pieces[1].row, pieces[1].column }, { row - 1, column }, 'where it is shown')
  equal(column, #TYPED, 'where the cursor stays')
  equal(pieces[1].group, 'AmbitSuggestion', 'how it looks')
  equal(editor:lua([[return vim.api.nvim_get_hl(0, { name = 'AmbitSuggestion' }).link]]), 'Comment', 'its look')
  holds(editor:lua([[
    vim.cmd.redraw()
    local row = vim.fn.screenrow()
    local cells = vim.fn.range(1, vim.o.columns)
    return table.concat(vim.tbl_map(function(cell) return vim.fn.screenstring(row, cell) end, cells))
  ]]), TYPED .. vim.split(text, '\n')[1], 'the screen')
  editor:type('<Tab>')
  editor:eventually('the suggestion in the text', function()
    return editor:line(row) == TYPED .. vim.split(text, '\n')[1]
  end)
  editor:type('<Esc>u')
  editor:eventually('one step of undo takes back what was taken, and no more', function()
    return editor:line(row) == TYPED
  end)
end)

test('where nothing is suggested, Tab is what it was', function()
  local editor = harness.start({ project .. '/notes.txt' }, 'vim.o.expandtab = false'):ready()
  editor:type('i<Tab>x')
  editor:eventually('a tab', function()
    return editor:line(1) == '\tx'
  end)
  editor:lua([[vim.snippet.expand('f(${1:a}, ${2:b})')]])
  -- A snippet goes to its fields a little later.
  local function in_field()
    return editor:api('nvim_get_mode').mode == 's'
  end
  editor:eventually('the first field of a snippet', in_field)
  editor:type('1<Tab>')
  editor:eventually('the next field of a snippet', in_field)
  editor:type('2')
  editor:eventually('both fields', function()
    return editor:line(1) == '\txf(1, 2)'
  end)
  local mapped = harness.start({ project .. '/notes.txt' }, [[vim.keymap.set('i', '<Tab>', 'mapped')]]):ready()
  mapped:type('i<Tab>')
  mapped:eventually('what it was mapped to', function()
    return mapped:line(1) == 'mapped'
  end)
end)

test('a suggestion is taken word by word, and the rest stays', function()
  local editor = begun()
  local first = vim.split(editor:suggestion(), '\n')[1]
  local word = assert(first:match('^%w+'), 'the suggestion begins with no word: ' .. first)
  local row = editor:cursor()[1]
  editor:type('<C-Right>')
  editor:eventually('its first word', function()
    return editor:line(row) == TYPED .. word
  end)
  equal(vim.split(editor:ghost_text(), '\n')[1], first:sub(#word + 1), 'what is still suggested')
  equal(editor:cursor(), { row, #TYPED + #word }, 'the cursor')
end)

test('a suggestion is taken line by line', function()
  local editor = begun()
  local lines = vim.split(editor:suggestion(), '\n')
  local row = editor:cursor()[1]
  editor:type('<M-l>')
  editor:eventually('its first line, and nothing of the others', function()
    return editor:line(row) == TYPED .. lines[1] and #editor:lines() == row
  end)
end)

test('who types along keeps the suggestion, without another request', function()
  local editor = begun()
  local text = editor:suggestion()
  editor:lua([[
    asked = 0
    local client = require('ambit.server').client(0)
    local request = client.request
    client.request = function(self, method, ...)
      asked = asked + (method == 'textDocument/inlineCompletion' and 1 or 0)
      return request(self, method, ...)
    end
  ]])
  for length = 1, 3 do
    editor:type(text:sub(length, length))
    editor:eventually('the rest of it', function()
      return editor:ghost_text() == text:sub(length + 1)
    end)
  end
  editor:type('<BS>')
  editor:eventually('one character more of it', function()
    return editor:ghost_text() == text:sub(3)
  end)
  equal(editor:lua('return asked'), 0, 'requests')
  editor:type('@')
  editor:eventually('another one is asked for', function()
    return editor:lua('return asked') > 0
  end)
  equal(editor:ghost_text():sub(1, #text - 2) ~= text:sub(3), true, 'the old one has gone')
end)

test('a newer key makes an older request worthless', function()
  local editor = begun()
  editor:suggestion()
  local cancelled = editor:lua([[
    local client, suggestions = require('ambit.server').client(0), require('ambit.suggestions')
    local cancelled = {}
    local cancel = client.cancel_request
    client.cancel_request = function(self, id) table.insert(cancelled, id) return cancel(self, id) end
    suggestions.ask()
    suggestions.ask()
    return #cancelled
  ]])
  equal(cancelled, 1, 'requests that were cancelled')
end)

test('a suggestion is put away, and goes with insert mode and the list of completions', function()
  local editor = begun()
  editor:suggestion()
  editor:type('<C-]>')
  editor:eventually('it was put away', function()
    return editor:ghost_text() == ''
  end)
  editor:type('<M-\\>')
  editor:suggestion('<M-\\>')
  editor:type('<Esc>')
  editor:eventually('it went with insert mode', function()
    return editor:ghost_text() == ''
  end)
  editor:type('A')
  editor:suggestion()
  editor:type('<C-x><C-n>')
  editor:eventually('the list is open, and it has gone', function()
    return editor:lua('return vim.fn.pumvisible()') == 1 and editor:ghost_text() == ''
  end)
  editor:type('<C-e>')
  editor:eventually('the list is closed, and it is back', function()
    return editor:lua('return vim.fn.pumvisible()') == 0 and editor:ghost_text() ~= ''
  end)
end)

test('there are others to choose from', function()
  local editor = begun()
  editor:suggestion()
  local row = editor:cursor()[1]
  editor:type('entries.append((')
  -- Two went on from here before, so there is doubt, and nothing is shown until somebody asks.
  editor:eventually('nothing is shown', function()
    return editor:line(row) == TYPED .. 'entries.append((' and editor:ghost_text() == ''
  end)
  editor:type('<M-\\>')
  local first = editor:suggestion('<M-\\>')
  editor:type('<M-]>')
  local other = ''
  editor:eventually('another one', function()
    other = editor:ghost_text()
    return other ~= '' and other ~= first
  end)
  editor:type('<M-[>')
  editor:eventually('the first one again', function()
    return editor:ghost_text() == first
  end)
  editor:type('<M-]><Tab>')
  editor:eventually('the other one in the text', function()
    return editor:line(row) == TYPED .. 'entries.append((' .. other
  end)
end)

test('in subtle mode it waits until somebody asks', function()
  local editor = harness.start({ project .. '/ledger.py' }, [[require('ambit').setup({ subtle = true })]])
  editor:eventually('the server is ready', function()
    return editor:lua([[return require('ambit.status').situation()]]) == 'subtle'
  end)
  editor:type(harness.EXPENSE)
  editor:eventually('the status line tells that there is one', function()
    return editor:lua([[return require('ambit').statusline()]]) == 'Ambit ✦'
  end)
  equal(editor:ghost_text(), '', 'what is shown')
  editor:type('<M-\\>')
  editor:suggestion('<M-\\>')
end)

test('the server is told what was shown and taken', function()
  local editor = begun([[
    told = {}
    vim.lsp.config('ambit', { on_init = function(client)
      local notify, request = client.notify, client.request
      client.notify = function(self, method, params)
        if method:find('Completion$') then table.insert(told, { method, params.acceptedLength }) end
        return notify(self, method, params)
      end
      client.request = function(self, method, params, ...)
        if method == 'workspace/executeCommand' then table.insert(told, { params.command, #params.arguments }) end
        return request(self, method, params, ...)
      end
    end })
  ]])
  local text = editor:suggestion()
  local word = text:match('^%w+')
  editor:type('<C-Right>')
  editor:eventually('the rest', function()
    return editor:ghost_text() == text:sub(#word + 1)
  end)
  editor:type('<Tab>')
  editor:eventually('the end of it', function()
    return editor:lua([[return told[#told] and told[#told][1] == 'ambit.accepted']])
  end)
  local told = vim.tbl_map(function(one)
    return one[1]
  end, editor:lua('return told'))
  local last = vim.list_slice(told, #told - 2)
  equal(last[1], 'textDocument/didShowCompletion', 'what was told first')
  equal(last[2], 'textDocument/didPartiallyAcceptCompletion', 'what was told then')
end)

test('a large file is no obstacle', function()
  local lines = {}
  for number = 1, 50000 do
    lines[number] = ('value_%d = compute(%d, scale)'):format(number, number % 97)
  end
  -- Away from the project, whose other tests need not wait for it to be counted.
  local path = vim.env.HOME .. '/large/large.py'
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  vim.fn.writefile(lines, path)
  local editor = harness.start({ path }):ready()
  local began = vim.uv.hrtime()
  editor:type('Govalue_x = comp')
  local text = editor:suggestion()
  holds('compute(', 'comp' .. text:sub(1, 4), 'the suggestion')
  local took = (vim.uv.hrtime() - began) / 1e6
  equal(took < 10000, true, ('a suggestion within ten seconds; it took %d ms'):format(took))
end)

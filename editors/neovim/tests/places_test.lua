-- Places in lines: what an encoding counts, tabs, wide characters, and ends of lines.

local harness = require('harness')
local equal, test = harness.equal, harness.test
local project = vim.env.AMBIT_TEST_PROJECT

--- A line that comes again and again, in which bytes, characters and units of UTF-16 differ.
local LINE = 'let größe = measure("🦀変数", input)?;'

---@param name string
---@param ending string
local function written(name, ending)
  local path = ('%s/%s'):format(project, name)
  local file = assert(io.open(path, 'wb'))
  file:write((('// 🦀 变量' .. ending) .. (LINE .. ending):rep(4)))
  file:close()
  return path
end

--- Types the beginning of the line after an emoji, takes what is suggested, and gives the line.
---@param editor ambit.tests.Editor
local function completed(editor, before)
  editor:type('Go' .. before .. 'let grö')
  local text = editor:suggestion()
  local row = editor:cursor()[1]
  editor:type('<Tab>')
  local line = ''
  editor:eventually('the suggestion in the text', function()
    line = editor:line(row)
    return #line > #before + #'let grö'
  end)
  equal(line, before .. 'let grö' .. vim.split(text, '\n')[1], 'the line')
  equal(editor:cursor()[2] > #before, true, 'the cursor is behind')
  return line
end

for _, encoding in ipairs({ 'utf-8', 'utf-16', 'utf-32' }) do
  test('places are right when they count ' .. encoding, function()
    local editor = harness.start({ written('places.rs', '\n') }, ([[
      vim.lsp.config('ambit', { capabilities = { general = { positionEncodings = { %q } } } })
    ]]):format(encoding)):ready()
    equal(editor:lua([[return require('ambit.server').client(0).offset_encoding]]), encoding, 'the encoding')
    equal(vim.startswith(LINE, completed(editor, '')), true, 'the line is like the others')
    editor:type('<Esc>')
    completed(editor, '/* 🦀変 */ ')
    editor:type('<Esc>')
    equal(editor:lua([[
      local client = require('ambit.server').client(0)
      local uri = vim.uri_from_bufnr(0)
      local position = vim.lsp.util.make_position_params(0, client.offset_encoding)
      return vim.str_byteindex(vim.api.nvim_get_current_line(), client.offset_encoding, position.position.character, false)
    ]]), editor:cursor()[2], 'a place there and back')
  end)
end

test('in a file with CRLF no carriage return comes into the text', function()
  local editor = harness.start({ written('windows.rs', '\r\n') }):ready()
  equal(editor:lua('return vim.bo.fileformat'), 'dos', 'the format')
  completed(editor, '')
  for _, line in ipairs(editor:lines()) do
    equal(line:find('\r', 1, true), nil, 'a carriage return in ' .. line)
  end
end)

test('tabs are as wide in a suggestion as in the text', function()
  local editor = harness.start({ project .. '/report.py' })
  local shown = editor:lua([[
    vim.bo.tabstop = 4
    local rest = { text = '\t+= a)\t-- b\n\tc\td', between = ')' }
    return { require('ambit.candidate').shown(rest, '\t\tsum)', 5) }
  ]])
  -- `sum` ends in column 11, so the tab behind it is one cell wide.
  equal(shown[1], { { column = 5, text = ' += a' }, { column = 6, text = '   -- b' } }, 'the line')
  equal(shown[2], { '    c   d' }, 'what is below')
end)

test('in a file with tabs, what is taken has tabs', function()
  local path = project .. '/tabs.go'
  local loop = '\tfor _, item := range items {\n\t\tsum += item.price\n\t}\n'
  local body = 'func total(items []Item) int {\n\tsum := 0\n' .. loop .. '\treturn sum\n}\n'
  local file = assert(io.open(path, 'wb'))
  file:write(body .. '\n' .. body:gsub('total', 'whole'))
  file:close()
  local editor = harness.start({ path }):ready()
  editor:type('Go<CR>func again(items []Item) int {<CR><Tab>sum := 0<CR><Tab>for _, item')
  local first = vim.split(editor:suggestion(), '\n')[1]
  local row = editor:cursor()[1]
  editor:type('<Tab>')
  editor:eventually('the line as above', function()
    return editor:line(row) == '\tfor _, item' .. first
  end)
end)

test('what stands behind the cursor already is not shown twice', function()
  local path = project .. '/between.rs'
  vim.fn.writefile(vim.fn['repeat']({ 'renew_certificate(days, authority);' }, 4), path)
  local editor = harness.start({ path }):ready()
  editor:type('Gorenew_certificate();<Esc>hi')
  local text = editor:suggestion()
  equal(text:find(';', 1, true), nil, 'what is shown: ' .. text)
  local row = editor:cursor()[1]
  editor:type('<Tab>')
  editor:eventually('the call as above', function()
    return editor:line(row) == 'renew_certificate(days, authority);'
  end)
end)

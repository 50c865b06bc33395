-- `:Ambit`, code actions, next edits, and what a model writes.

local harness = require('harness')
local equal, holds, test = harness.equal, harness.holds, harness.test
local project = vim.env.AMBIT_TEST_PROJECT

--- Has the model say something from now on.
local function answer(text)
  vim.fn.writefile(vim.split(text, '\n'), vim.env.AMBIT_TEST_ANSWER, 'b')
end

---@param name string
local function opened(name)
  return harness.start({ project .. '/' .. name }):ready()
end

--- Has a model answer, or none.
---@param is_there boolean
local function model(is_there)
  local function ambit(...)
    local run = vim.system({ vim.env.HOME .. '/.local/bin/ambit', ... }, { text = true }):wait()
    assert(run.code == 0, run.stderr)
  end
  if is_there then
    ambit('providers', 'add', 'here', '--kind', 'openai', '--url', vim.env.AMBIT_TEST_MODEL_SERVER, '--model', 'writer')
    ambit('settings', 'set', 'models.language', 'here/writer')
  else
    ambit('settings', 'unset', 'models.language')
    ambit('providers', 'remove', 'here')
  end
end

test('the command completes its subcommands and their words', function()
  local editor = opened('report.py')
  local function completed(line)
    return editor:lua('return vim.fn.getcompletion(..., "cmdline")', line)
  end
  equal(completed('Ambit re'), { 'remember', 'restart' }, 'subcommands')
  equal(completed('Ambit toggle '), { 'all', 'filetype', 'buffer' }, 'what is switched')
  equal(completed('Ambit toggle f'), { 'filetype' }, 'what is switched')
  equal(completed('Ambit status '), {}, 'behind one that takes nothing')
  local said = editor:lua([[return select(2, pcall(vim.cmd, 'Ambit nonsense'))]])
  holds(said, 'there is no `:Ambit nonsense`; there are ask, chat,', 'what is said')
  editor:command('Ambit')
  holds(editor:said(), 'Ambit: ready', 'the status')
end)

test('Ambit is switched off and on, everywhere, for a file type and for a buffer', function()
  local editor = opened('ledger.py')
  editor:type(harness.EXPENSE)
  editor:suggestion()
  editor:type('<Esc>dd')
  for _, scope in ipairs({ 'all', 'filetype', 'buffer' }) do
    editor:command('Ambit disable ' .. scope)
    holds(editor:said(), scope == 'all' and 'switched off' or 'no suggestions', 'what is said')
    editor:type('o    ledger.')
    vim.wait(500)
    equal(editor:ghost_text(), '', 'ghost text while it is off for ' .. scope)
    equal(editor:lua([[return require('ambit').statusline()]]), 'Ambit off', 'the status line')
    editor:type('<Esc>dd')
    editor:command('Ambit toggle ' .. scope)
    editor:ready()
    editor:type('o    ledger.')
    editor:suggestion()
    editor:type('<Esc>dd')
  end
end)

test('the index, questions and memories are there', function()
  local editor = opened('report.py')
  editor:command('Ambit index')
  local said = ''
  editor:eventually('how far the index is', function()
    said = said .. editor:said()
    return said:find('1 folders: %d+ files indexed') ~= nil
  end)
  editor:command('Ambit remember Receipts are kept in the blue folder.')
  said = ''
  editor:eventually('it was remembered', function()
    said = said .. editor:said()
    return said:find('remembered: Receipts are kept in the blue folder.', 1, true) ~= nil
  end)
  editor:command('Ambit ask How long does the auditor want receipts kept?')
  editor:eventually('an answer with its sources', function()
    return table.concat(editor:lines(), '\n'):find('%[1%] [^\n]*decisions%.md:%d+') ~= nil
  end)
  equal(editor:lua('return vim.bo.filetype'), 'markdown', 'the answer')
  editor:lua([[vim.fn.search('^\\[1\\]')]])
  editor:type('<CR>')
  editor:eventually('the source', function()
    return vim.endswith(editor:api('nvim_buf_get_name', 0), 'decisions.md')
  end)
end)

test('without a model, what one would write says so', function()
  local editor = opened('report.py')
  editor:command('4Ambit document')
  local said = ''
  editor:eventually('why nothing is written', function()
    said = said .. editor:said()
    return said:find('model', 1, true) ~= nil
  end)
end)

test('a change is shown as a difference, and written when that is', function()
  model(true)
  answer('```python\n# Prints what was noted.\ndef report(ledger):\n```')
  local editor = opened('report.py')
  editor:command('4')
  editor:command('4Ambit document')
  editor:eventually('the difference', function()
    return vim.startswith(editor:api('nvim_buf_get_name', 0), 'ambit-proposal://')
  end)
  equal(editor:line(4), '# Prints what was noted.', 'what is proposed')
  equal(editor:lua('return vim.wo.diff'), true, 'a difference')
  editor:command('write')
  editor:eventually('it is in the text', function()
    return editor:line(4) == '# Prints what was noted.' and vim.endswith(editor:api('nvim_buf_get_name', 0), 'report.py')
  end)
  equal(editor:lua('return vim.wo.diff'), false, 'a difference, afterwards')
  editor:command('undo')
  editor:command('4Ambit document')
  editor:eventually('the difference again', function()
    return vim.startswith(editor:api('nvim_buf_get_name', 0), 'ambit-proposal://')
  end)
  editor:command('quit')
  equal(editor:line(4), 'def report(ledger):', 'the text after it was discarded')
  model(false)
end)

test('the editor offers the code actions, and an explanation is shown', function()
  model(true)
  answer('It prints the entries of the ledger.')
  local editor = opened('report.py')
  editor:command('5Ambit explain')
  editor:eventually('the explanation', function()
    return editor:line(1) == 'It prints the entries of the ledger.'
  end)
  editor:type('q')
  editor:lua([[
    vim.api.nvim_win_set_cursor(0, { 4, 0 })
    offered = {}
    vim.ui.select = function(items, _, choose)
      for _, item in ipairs(items) do table.insert(offered, item.action.title) end
      for _, item in ipairs(items) do
        if item.action.title == 'Document with Ambit' then choose(item) end
      end
    end
  ]])
  answer('```python\n# Said by an action.\ndef report(ledger):\n```')
  editor:lua('vim.lsp.buf.code_action()')
  editor:eventually('what the action wrote', function()
    return editor:line(4) == '# Said by an action.'
  end)
  equal(vim.tbl_contains(editor:lua('return offered'), 'Explain with Ambit'), true, 'explaining is offered')
  model(false)
end)

test('a diagnostic is fixed, and where there is none that is said', function()
  model(true)
  answer('```python\n        print(f"{amount:.2f} {reason}")\n```')
  local editor = opened('report.py')
  editor:command('6Ambit fix')
  local said = ''
  editor:eventually('that nothing is to be fixed', function()
    said = said .. editor:said()
    return said:find('no diagnostic stands here', 1, true) ~= nil
  end)
  editor:lua([[
    vim.diagnostic.set(vim.api.nvim_create_namespace('test'), 0, {
      { lnum = 5, col = 8, end_lnum = 5, end_col = 13, message = 'two decimals are wanted', source = 'test' },
    })
  ]])
  editor:command('6Ambit fix')
  editor:eventually('the difference', function()
    return editor:line(6) == '        print(f"{amount:.2f} {reason}")'
  end)
  model(false)
end)

test('after a word was changed, it is shown where else it stands, and a key goes there and changes it', function()
  local editor = opened('ledger.py')
  editor:type('/amount<CR>ciwsum<Esc>')
  editor:eventually('the next edit', function()
    return editor:lua([[return require('ambit.next_edit').is_shown()]])
  end)
  local marks = editor:lua([[
    local namespace = require('ambit.next_edit').NAMESPACE
    return vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })
  ]])
  holds(marks[1][4].virt_text[1][1], '→ sum', 'the hint')
  local row = marks[1][2] + 1
  editor:type('<M-n>')
  editor:eventually('the cursor is there', function()
    return editor:cursor()[1] == row
  end)
  editor:type('<M-n>')
  editor:eventually('it is changed', function()
    return editor:line(row):find('%f[%w]sum%f[%W]') ~= nil
  end)
  editor:eventually('the one after it is shown', function()
    return editor:lua([[return require('ambit.next_edit').is_shown()]])
  end)
  editor:type('<C-]>')
  editor:eventually('it was put away', function()
    return not editor:lua([[return require('ambit.next_edit').is_shown()]])
  end)
end)

test('a function that was written gets a test like that of its neighbour', function()
  local editor = opened('shapes.py')
  editor:type('6Go<CR><CR>def rim(width, height):<CR>    return 2 * (width + height)<Esc>')
  editor:eventually('the next edit', function()
    return editor:lua([[return require('ambit.next_edit').is_shown()]])
  end)
  local marks = editor:lua([[
    local namespace = require('ambit.next_edit').NAMESPACE
    return vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })
  ]])
  local mark = marks[#marks][4]
  holds(mark.virt_text[1][1], '`rim` has no test, as `area` has', 'why')
  equal(mark.virt_lines[3][1][1], 'def test_rim():', 'what is to come')
  editor:type('<M-n><M-n>')
  editor:eventually('it is written', function()
    local count = editor:api('nvim_buf_line_count', 0)
    return editor:line(count - 1) == 'def test_rim():' and editor:line(count) == '    assert rim(2, 3) == 6'
  end)
end)

-- Options, what is missing, and how a server comes and goes.

local harness = require('harness')
local equal, holds, test = harness.equal, harness.holds, harness.test
local project = vim.env.AMBIT_TEST_PROJECT

test('options are checked, and what is wrong is told', function()
  local editor = harness.start({ project .. '/report.py' }, [[
    require('ambit').setup({
      enabeld = true, maximum_lines = -1, disabled_filetypes = 'lua',
      keys = { accept = '<C-y>', accept_all = 'x', next = 3 },
    })
  ]]):ready()
  local said = editor:said()
  holds(said, 'there is no option `enabeld`; there are `builtin`, `code_lens`, `command`,', 'what is said')
  holds(said, '`maximum_lines` is to be a number of lines, 0 or more, not -1', 'what is said')
  holds(said, "`disabled_filetypes` is to be a list of file types, such as { 'markdown' }, not \"lua\"", 'what is said')
  holds(said, 'there is no key `accept_all`; there are `accept`, `accept_line`,', 'what is said')
  holds(said, "`keys.next` is to be a key, such as '<Tab>', or false, not 3", 'what is said')
  equal(editor:lua([[return vim.fn.maparg('<C-y>', 'i', false, true).desc]]), 'Ambit: take the suggestion', '<C-y>')
  equal(editor:lua([[return vim.fn.maparg('<M-]>', 'i', false, true).desc]]), 'Ambit: show the next suggestion', '<M-]>')
end)

test('keys can be others, or none, also later', function()
  local editor = harness.start({ project .. '/ledger.py' }, [[
    require('ambit').setup({ keys = { accept = false } })
    vim.keymap.set('i', '<C-y>', '<Plug>(ambit-accept)')
  ]]):ready()
  holds(editor:lua([[return vim.fn.maparg('<Tab>', 'i', false, true).desc or '']]), 'snippet', '<Tab>')
  editor:type(harness.EXPENSE)
  local first = vim.split(editor:suggestion(), '\n')[1]
  local row = editor:cursor()[1]
  editor:type('<C-y>')
  editor:eventually('it is taken', function()
    return editor:line(row) == '    ledger.' .. first
  end)
  editor:lua([[require('ambit').setup({ keys = { accept = '<C-l>' } })]])
  equal(editor:lua([[return vim.fn.maparg('<C-l>', 'i', false, true).desc]]), 'Ambit: take the suggestion', '<C-l>')
end)

test('file types and files are left alone', function()
  local path = project .. '/private/secret.py'
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  vim.fn.writefile(vim.fn.readfile(project .. '/ledger.py'), path)
  local editor = harness.start({ path }, [[
    require('ambit').setup({ disabled_files = { '**/private/**' }, disabled_filetypes = { 'markdown' } })
  ]])
  local function line()
    return editor:lua([[return require('ambit').statusline()]])
  end
  editor:eventually('it is off for the file', function()
    return editor:lua([[return require('ambit.status').situation()]]) == 'off-file'
  end)
  editor:eventually('the status line says so', function()
    return line() == 'Ambit off'
  end)
  editor:command('edit ' .. project .. '/decisions.md')
  editor:eventually('it is off for the file type', function()
    return editor:lua([[return require('ambit.status').situation()]]) == 'off-filetype'
  end)
  editor:command('edit ' .. project .. '/ledger.py')
  editor:ready()
end)

test('files without a type are served, and one process serves all folders', function()
  local other = vim.env.HOME .. '/other'
  vim.fn.mkdir(other .. '/.git', 'p')
  vim.fn.writefile({ 'plain' }, other .. '/plain')
  local editor = harness.start({ other .. '/plain' }):ready()
  editor:command('edit ' .. project .. '/ledger.py')
  editor:ready()
  equal(editor:lua([[return #vim.lsp.get_clients({ name = 'ambit' })]]), 1, 'servers')
  local folders = editor:lua([[
    return vim.tbl_map(function(folder) return folder.name end, vim.lsp.get_clients({ name = 'ambit' })[1].workspace_folders)
  ]])
  equal(folders, { other, project }, 'folders')
end)

test('a server that ended is started again', function()
  local editor = harness.start({ project .. '/ledger.py' }):ready()
  local before = editor:lua([[return vim.lsp.get_clients({ name = 'ambit' })[1].id]])
  editor:lua([[
    for _, process in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
      local told = vim.api.nvim_get_proc(process)
      if told and told.name == 'ambit-lsp' then vim.uv.kill(process, 'sigkill') end
    end
  ]])
  editor:eventually('another server', function()
    local client = editor:lua([[local it = vim.lsp.get_clients({ name = 'ambit' })[1] return it and it.id]])
    return client ~= vim.NIL and client ~= before
  end)
  editor:ready()
  editor:type(harness.EXPENSE)
  editor:suggestion()
  editor:type('<Esc>')
  editor:command('Ambit restart')
  editor:ready()
end)

test('a host that does not run is started', function()
  local run = vim.system({ vim.env.HOME .. '/.local/bin/ambit', 'stop' }, { text = true }):wait()
  assert(run.code == 0, run.stderr)
  local lock = vim.env.AMBIT_DATA_DIRECTORY .. '/run/host.lock'
  local before = vim.uv.fs_stat(lock) and vim.fn.readfile(lock)[1] or ''
  local editor = harness.start({ project .. '/ledger.py' }):ready()
  equal(vim.fn.readfile(lock)[1] ~= before, true, 'another host')
  editor:type(harness.EXPENSE)
  editor:suggestion()
end)

test('the check of health tells how things stand', function()
  local editor = harness.start({ project .. '/ledger.py' }):ready()
  editor:command('checkhealth ambit')
  local said = table.concat(editor:lines(), '\n')
  holds(said, 'OK Neovim ' .. tostring(vim.version()):match('^%d+%.%d+'), 'the check')
  holds(said, '/.local/bin/ambit-lsp: ambit-lsp ', 'the check')
  holds(said, '/ambit starts a host where none runs', 'the check')
  holds(said, 'OK the host answers', 'the check')
  holds(said, 'OK its index: 1 folders:', 'the check')
  holds(said, 'OK <Tab> accepts a suggestion', 'the check')
  equal(said:find('ERROR', 1, true), nil, 'an error in\n' .. said)
  equal(said:find('WARNING', 1, true), nil, 'a warning in\n' .. said)
  local taken = harness.start({ project .. '/ledger.py' }):ready()
  taken:lua([[vim.keymap.set('i', '<Tab>', 'x', { desc = 'another plugin' })]])
  taken:command('checkhealth ambit')
  holds(table.concat(taken:lines(), '\n'), '<Tab> is mapped to something else: another plugin', 'the check')
end)

test('where the program is missing, one message says what to do, and nothing else is in the way', function()
  local init = [[require('ambit').setup({ command = '/nowhere/ambit-lsp' })]]
  local editor = harness.start({ project .. '/ledger.py', project .. '/report.py' }, init)
  local said = ''
  editor:eventually('the message', function()
    said = said .. editor:said()
    return said:find('/nowhere/ambit-lsp is no program; `:checkhealth ambit` says what to do', 1, true) ~= nil
  end)
  editor:command('next')
  vim.wait(300)
  equal(editor:said(), '', 'what is said the second time')
  equal(editor:lua([[return require('ambit').statusline()]]), 'Ambit ✗', 'the status line')
  editor:type('ix<Tab>')
  editor:eventually('Tab is what it was', function()
    return editor:line(1):find('^x%s+') ~= nil
  end)
  editor:type('<Esc>')
  editor:command('checkhealth ambit')
  holds(table.concat(editor:lines(), '\n'), 'ERROR `command` names /nowhere/ambit-lsp', 'the check')
  local missing = harness.start({ project .. '/ledger.py' }, nil, { HOME = project })
  missing:eventually('the message', function()
    said = missing:said()
    return said:find('ambit-lsp was not found; `:checkhealth ambit` says what to do', 1, true) ~= nil
  end)
  missing:command('checkhealth ambit')
  holds(table.concat(missing:lines(), '\n'), '`make install` in the source of Ambit puts it there', 'the check')
end)

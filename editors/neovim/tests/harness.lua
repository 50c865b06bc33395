-- Neovim as somebody uses it: a process of its own with the plugin installed as a package, into which a test types.

local M = {}

--- How long something may take that a process does, in milliseconds.
local PATIENCE = tonumber(vim.env.AMBIT_TEST_PATIENCE) or 20000

--- How long a test may take. A question of an editor that waits for somebody would else stop all of them.
local LONGEST = tonumber(vim.env.AMBIT_TEST_LONGEST) or 120000

---@class ambit.tests.Editor
---@field channel integer
---@field process integer
local Editor = {}
Editor.__index = Editor

--- Starts a Neovim with a configuration (Lua, as in `init.lua`) and the files given.
---@param files string[]
---@param init string?
---@param environment table<string, string>?
---@param is_builtin boolean? whether Neovim may show suggestions by itself
---@return ambit.tests.Editor
function M.start(files, init, environment, is_builtin)
  local config = vim.fn.tempname() .. '.lua'
  local builtin = [[
    vim.cmd.packadd('ambit')
    local options = require('ambit.options')
    options.defaults.builtin, options.current.builtin = %s, %s
  ]]
  -- What is typed stands in the text as it is typed.
  local indentation = "vim.cmd('autocmd InsertEnter * setlocal indentexpr= noautoindent nocindent nosmartindent')\n"
  local before = vim.lsp.inline_completion and builtin:format(is_builtin == true, is_builtin == true) or ''
  vim.fn.writefile(vim.split(indentation .. before .. (init or ''), '\n'), config)
  local command = { vim.env.AMBIT_NEOVIM or vim.v.progpath, '--embed', '--headless', '-n', '-i', 'NONE', '-u', config }
  local channel = vim.fn.jobstart(vim.list_extend(command, files), { rpc = true, env = environment })
  assert(channel > 0, 'Neovim does not start')
  local editor = setmetatable({ channel = channel, process = vim.fn.jobpid(channel) }, Editor)
  -- The screen is drawn for somebody.
  editor:api('nvim_ui_attach', 200, 40, {})
  M.editors[channel] = editor
  return editor
end

---@type table<integer, ambit.tests.Editor>
M.editors = {}

--- Keys that begin an expense below the last line of `ledger.py`, as it was begun twice above.
M.EXPENSE = 'Go<CR><CR>def add_refund(ledger, amount, reason):<CR>    """Notes a refund."""<CR>    ledger.'

function Editor:api(name, ...)
  return vim.rpcrequest(self.channel, name, ...)
end

--- Runs Lua in the editor.
function Editor:lua(code, ...)
  return self:api('nvim_exec_lua', code, { ... })
end

--- Types keys, as they come from a keyboard.
function Editor:type(keys)
  self:api('nvim_input', keys)
  -- What was typed is worked on before the next request is answered.
  return self
end

--- Runs a command of the command line.
function Editor:command(command)
  self:api('nvim_command', command)
end

function Editor:line(number)
  return self:api('nvim_buf_get_lines', 0, number - 1, number, false)[1]
end

function Editor:lines()
  return self:api('nvim_buf_get_lines', 0, 0, -1, false)
end

function Editor:cursor()
  return self:api('nvim_win_get_cursor', 0)
end

--- The ghost text: what is shown in the line of the cursor, each with its byte column, and the lines below.
---@return {column: integer, text: string}[], string[]
function Editor:ghost()
  local found = self:lua([[
    local found = {}
    for _, name in ipairs({ 'ambit.suggestions', 'nvim.lsp.inline_completion' }) do
      local namespace = vim.api.nvim_create_namespace(name)
      vim.list_extend(found, vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }))
    end
    return found
  ]])
  local pieces, below = {}, {}
  for _, mark in ipairs(found) do
    local details = mark[4]
    for _, chunk in ipairs(details.virt_text or {}) do
      table.insert(pieces, { row = mark[2], column = mark[3], text = chunk[1], group = chunk[2] })
    end
    for _, line in ipairs(details.virt_lines or {}) do
      table.insert(below, line[1][1])
    end
  end
  return pieces, below
end

--- The ghost text as one text.
function Editor:ghost_text()
  local pieces, below = self:ghost()
  local parts = {}
  for _, piece in ipairs(pieces) do
    table.insert(parts, piece.text)
  end
  return table.concat(vim.list_extend({ table.concat(parts) }, below), '\n')
end

--- Waits for ghost text, and gives it. A host that still counts what is in a document suggests nothing, so keys are typed now and
--- then, by default those of people who go on.
---@param keys string?
function Editor:suggestion(keys)
  local text = ''
  for _ = 1, PATIENCE / 1000 do
    local is_there = vim.wait(1000, function()
      text = self:ghost_text()
      return text ~= ''
    end, 20)
    if is_there then
      return text
    end
    self:type(keys or ' <BS>')
  end
  self:eventually('ghost text', function()
    return false
  end)
end

--- Waits until something holds.
function Editor:eventually(what, holds)
  if not vim.wait(PATIENCE, holds, 20) then
    local said = self:lua('return vim.api.nvim_exec2("messages", { output = true }).output')
    error(('not within %d s: %s\nmessages: %s'):format(PATIENCE / 1000, what, said), 2)
  end
end

--- Waits until the host answers.
function Editor:ready()
  self:eventually('Ambit is ready', function()
    return self:lua([[return require('ambit').statusline()]]) == 'Ambit'
  end)
  return self
end

--- What was said to people, since the last time.
function Editor:said()
  return self:lua([[
    local said = vim.api.nvim_exec2('messages', { output = true }).output
    vim.cmd.messages('clear')
    return said
  ]])
end

function Editor:stop()
  M.editors[self.channel] = nil
  pcall(vim.rpcnotify, self.channel, 'nvim_command', 'qall!')
  vim.fn.jobwait({ self.channel }, 5000)
  vim.fn.jobstop(self.channel)
end

---@param got any
---@param wanted any
---@param what string
function M.equal(got, wanted, what)
  if not vim.deep_equal(got, wanted) then
    error(('%s: %s, and not %s'):format(what, vim.inspect(got), vim.inspect(wanted)), 2)
  end
end

---@param text string
---@param part string
---@param what string
function M.holds(text, part, what)
  if not text:find(part, 1, true) then
    error(('%s does not hold %q:\n%s'):format(what, part, text), 2)
  end
end

---@type {name: string, run: fun()}[]
local tests = {}

---@param name string
---@param run fun()
function M.test(name, run)
  table.insert(tests, { name = name, run = run })
end

--- Runs all tests, or those whose names AMBIT_TEST_ONLY matches, and ends with an exit status that says how it went.
function M.finish()
  local failures, wanted = 0, vim.env.AMBIT_TEST_ONLY or ''
  local chosen = vim.tbl_filter(function(test)
    return test.name:find(wanted) ~= nil
  end, tests)
  for _, test in ipairs(chosen) do
    local began = vim.uv.now()
    local watch = assert(vim.uv.new_timer())
    watch:start(LONGEST, 0, function()
      for _, editor in pairs(M.editors) do
        vim.uv.kill(editor.process, 'sigkill')
      end
    end)
    local is_good, problem = xpcall(test.run, debug.traceback)
    for _, editor in pairs(M.editors) do
      editor:stop()
    end
    watch:close()
    failures = failures + (is_good and 0 or 1)
    local took = ('%.1f s'):format((vim.uv.now() - began) / 1000)
    io.stdout:write(('%s  neovim: %s (%s)\n'):format(is_good and 'ok    ' or 'FAILED', test.name, took))
    if not is_good then
      io.stdout:write(problem, '\n')
    end
    io.stdout:flush()
  end
  os.exit(failures == 0 and 0 or 1)
end

return M

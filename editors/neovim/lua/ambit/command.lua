-- `:Ambit`, with its subcommands.

local server = require('ambit.server')
local switches = require('ambit.switches')
local write = require('ambit.write')

local M = {}

---@class ambit.Call what Neovim tells of a command
---@field fargs string[]
---@field args string
---@field range integer
---@field line1 integer
---@field line2 integer

---@param call ambit.Call
---@return integer?, integer?
local function lines(call)
  if call.range > 0 then
    return call.line1, call.line2
  end
end

--- What stands behind the subcommand, or else what people type when asked.
---@param call ambit.Call
---@param prompt string
---@param done fun(text: string)
local function text(call, prompt, done)
  local given = vim.trim(call.args:gsub('^%s*%S+', '', 1))
  if given ~= '' then
    return done(given)
  end
  vim.ui.input({ prompt = prompt }, function(typed)
    if typed and vim.trim(typed) ~= '' then
      done(typed)
    end
  end)
end

--- A client, or a message that there is none.
---@return vim.lsp.Client?
local function client()
  local found = server.any_client()
  if not found then
    server.say('the language server does not run; `:checkhealth ambit` tells why', vim.log.levels.WARN)
  end
  return found
end

local SCOPES = { 'all', 'filetype', 'buffer' }

---@param is_on boolean?
local function switch(is_on)
  return {
    words = SCOPES,
    run = function(call)
      local scope = call.fargs[2] or 'all'
      if not vim.tbl_contains(SCOPES, scope) then
        local said = ('there is no `%s` to switch; there are %s'):format(scope, table.concat(SCOPES, ', '))
        return server.say(said, vim.log.levels.ERROR)
      end
      local problem = switches.switch(scope, vim.api.nvim_get_current_buf(), is_on)
      server.say(problem or require('ambit.status').told(), problem and vim.log.levels.WARN or nil)
    end,
  }
end

---@type table<string, {words: string[]?, run: fun(call: ambit.Call)}>
local SUBCOMMANDS = {
  status = {
    run = function()
      server.say(require('ambit.status').told())
    end,
  },
  toggle = switch(nil),
  enable = switch(true),
  disable = switch(false),
  ask = {
    run = function(call)
      text(call, 'Ask Ambit: ', function(question)
        require('ambit.answer').ask(question, lines(call))
      end)
    end,
  },
  remember = {
    run = function(call)
      local function remember(what)
        local found = client()
        if found then
          server.execute(found, 'ambit.remember', { what }, function(memory)
            server.say('remembered: ' .. memory.text)
          end)
        end
      end
      local first, last = lines(call)
      if first and #call.fargs == 1 then
        return remember(table.concat(vim.api.nvim_buf_get_lines(0, first - 1, last, false), '\n'))
      end
      text(call, 'Remember: ', remember)
    end,
  },
  index = {
    run = function()
      local found = client()
      if found then
        server.execute(found, 'ambit.indexStatus', {}, function(status)
          server.say(status.text)
        end, true)
      end
    end,
  },
  chat = {
    run = function()
      local found = client()
      if found then
        server.execute(found, 'ambit.openChat', {}, function() end)
      end
    end,
  },
  ['next-edit'] = {
    run = function()
      require('ambit.next_edit').go()
    end,
  },
  restart = {
    run = function()
      server.restart()
    end,
  },
  log = {
    run = function()
      vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
    end,
  },
}

for name in pairs(write.TASKS) do
  SUBCOMMANDS[name] = {
    run = function(call)
      write.run(name, lines(call))
    end,
  }
end

local function names()
  local found = vim.tbl_keys(SUBCOMMANDS)
  table.sort(found)
  return found
end

---@param call ambit.Call
function M.run(call)
  local name = call.fargs[1] or 'status'
  local subcommand = SUBCOMMANDS[name]
  if not subcommand then
    local said = ('there is no `:Ambit %s`; there are %s'):format(name, table.concat(names(), ', '))
    return server.say(said, vim.log.levels.ERROR)
  end
  subcommand.run(call)
end

--- What can stand in the place of the last word of a command line.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line:sub(1, #line - #lead):gsub('^.-Ambit!?%s*', '', 1), '%s+', { trimempty = true })
  local candidates = {}
  if #words == 0 then
    candidates = names()
  elseif #words == 1 and SUBCOMMANDS[words[1]] then
    candidates = SUBCOMMANDS[words[1]].words or {}
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M

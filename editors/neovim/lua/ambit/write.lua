-- What a model writes about code: explanations in a window, changes as a difference that one accepts or discards.

local answer = require('ambit.answer')
local proposal = require('ambit.proposal')
local server = require('ambit.server')

local M = {}

--- What can be done with code: the names of `:Ambit`, and those of the server.
M.TASKS = {
  explain = 'explain',
  fix = 'fix',
  document = 'document',
  test = 'test',
  simplify = 'simplify',
  translate = 'translate-comments',
  generate = 'generate',
}

--- Why the server may not offer a task.
local ABSENT = {
  fix = 'no diagnostic stands here, so there is nothing to fix',
  ['translate-comments'] = 'no comment stands here',
  generate = 'no comment stands here that could describe code',
}

---@param client vim.lsp.Client
---@param row integer from 0
---@param column integer in bytes
local function place(client, row, column)
  local line = vim.api.nvim_buf_get_lines(0, row, row + 1, false)[1] or ''
  return { line = row, character = vim.str_utfindex(line, client.offset_encoding, math.min(column, #line), false) }
end

--- Diagnostics in lines, as the protocol has them.
---@param client vim.lsp.Client
---@param first integer
---@param last integer
local function diagnostics(client, first, last)
  local found = vim.tbl_filter(function(diagnostic)
    return diagnostic.lnum <= last and (diagnostic.end_lnum or diagnostic.lnum) >= first
  end, vim.diagnostic.get(0))
  return vim.tbl_map(function(diagnostic)
    return {
      range = {
        start = place(client, diagnostic.lnum, diagnostic.col),
        ['end'] = place(client, diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col),
      },
      message = diagnostic.message,
      source = diagnostic.source,
      code = diagnostic.code,
      severity = diagnostic.severity,
    }
  end, found)
end

--- The task of an action that the server offers.
local function task_of(action)
  local job = action.data or (action.command and action.command.arguments and action.command.arguments[1])
  return type(job) == 'table' and job.task or nil
end

--- Shows an explanation.
---@param client vim.lsp.Client
---@param arguments any[]
function M.explain(client, arguments)
  server.execute(client, 'ambit.explain', arguments, function(explained)
    answer.show_text('Explained by Ambit', explained.text)
  end, true)
end

---@param client vim.lsp.Client
---@param buffer integer
---@param action table
---@param again fun()? offers the action anew
local function write(client, buffer, action, again)
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  server.say(action.title .. '…')
  server.request(client, 'codeAction/resolve', action, function(resolved)
    if not vim.api.nvim_buf_is_valid(buffer) or tick ~= vim.api.nvim_buf_get_changedtick(buffer) then
      return server.say('the text has changed meanwhile, so nothing is proposed', vim.log.levels.WARN)
    end
    proposal.show(client, buffer, action.title, resolved.edit)
  end, true, function(err)
    -- Neovim may have told of an edit between offer and choice that was made before both.
    local is_old = again ~= nil
      and err.code == vim.lsp.protocol.ErrorCodes.ContentModified
      and buffer == vim.api.nvim_get_current_buf()
      and tick == vim.api.nvim_buf_get_changedtick(buffer)
    if is_old and again then
      again()
    end
    return is_old
  end)
end

--- Does one of [M.TASKS] with lines of the buffer in front, or with what the line of the cursor holds.
---@param name string
---@param first integer? from 1
---@param last integer?
---@param is_again boolean?
function M.run(name, first, last, is_again)
  local client = server.client(0)
  if not client then
    return server.say('the language server does not serve this buffer; `:checkhealth ambit` tells why', 3)
  end
  local task, buffer = M.TASKS[name], vim.api.nvim_get_current_buf()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local range
  if first and last then
    range = { start = place(client, first - 1, 0), ['end'] = place(client, last - 1, math.huge) }
  else
    range = { start = place(client, row - 1, column), ['end'] = place(client, row - 1, column) }
  end
  local context = {
    diagnostics = diagnostics(client, range.start.line, range['end'].line),
    triggerKind = vim.lsp.protocol.CodeActionTriggerKind.Invoked,
  }
  local params = { textDocument = vim.lsp.util.make_text_document_params(), range = range, context = context }
  server.request(client, 'textDocument/codeAction', params, function(actions)
    for _, action in ipairs(actions or {}) do
      if task_of(action) == task then
        if action.command then
          M.explain(client, action.command.arguments)
        else
          write(client, buffer, action, not is_again and function()
            M.run(name, first, last, true)
          end or nil)
        end
        return
      end
    end
    server.say(ABSENT[task] or 'the settings leave this buffer alone', vim.log.levels.WARN)
  end)
end

return M

-- Suggestions by Neovim's own inline completion, which came with 0.12. It asks for them while somebody types, and shows them.
-- What it has no way for is done here (a word or a line of one, telling what was shown and taken) or in `ambit.suggestions` (what
-- somebody asked for, and others to choose from).

local candidate_of = require('ambit.candidate')
local options = require('ambit.options')

local M = {}

--- Whether it is there and wanted. In subtle mode nothing is to be shown by itself, which it cannot do.
function M.is_used()
  return vim.lsp.inline_completion ~= nil and options.current.builtin and not options.current.subtle
end

local METHOD = 'textDocument/inlineCompletion'

--- What was suggested last.
---@type {buffer: integer, candidates: ambit.Candidate[]}?
local last
---@type integer?
local pending

--- Has the answers to a client come as Neovim needs them: it takes one for an older text as good, and one that says nothing as no
--- reason to stop showing what was said before.
---@param client vim.lsp.Client
local function heed(client)
  local request = client.request
  ---@diagnostic disable-next-line: duplicate-set-field
  client.request = function(self, method, params, handler, buffer)
    if method ~= METHOD then
      return request(self, method, params, handler, buffer)
    end
    if pending then
      self:cancel_request(pending)
    end
    buffer = (buffer or 0) == 0 and vim.api.nvim_get_current_buf() or buffer
    local tick, cursor = vim.api.nvim_buf_get_changedtick(buffer), vim.api.nvim_win_get_cursor(0)
    local is_sent, id
    is_sent, id = request(self, method, params, function(err, result, context)
      pending = pending ~= id and pending or nil
      local is_present = buffer == vim.api.nvim_get_current_buf() and tick == vim.api.nvim_buf_get_changedtick(buffer)
      if err or not is_present or require('ambit.suggestions').is_offered() then
        return
      end
      local items = type(result) == 'table' and (result.items or result) or {}
      local candidates = vim.tbl_map(function(item)
        return candidate_of.new(buffer, item, client, cursor[1] - 1, cursor[2])
      end, items)
      last = { buffer = buffer, candidates = candidates }
      handler(nil, { items = items }, context)
      if items[1] and M.is_shown() then
        client:notify('textDocument/didShowCompletion', { item = items[1] })
      end
    end, buffer)
    pending = is_sent and id or nil
    return is_sent, id
  end
end

---@type table<integer, boolean>
local heeded = {}

---@param client vim.lsp.Client
---@param buffer integer
function M.attach(client, buffer)
  if not heeded[client.id] then
    heeded[client.id] = true
    heed(client)
  end
  vim.lsp.inline_completion.enable(true, { bufnr = buffer })
end

--- Whether a suggestion can be seen, by the marks that show it, and fits what was typed since it came.
function M.is_shown()
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  local buffer = vim.api.nvim_get_current_buf()
  if not last or last.buffer ~= buffer or not namespace then
    return false
  end
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return #vim.api.nvim_buf_get_extmarks(buffer, namespace, 0, -1, { limit = 1 }) > 0
    and vim.iter(last.candidates):any(function(candidate)
      return candidate_of.rest(candidate, buffer, row - 1, column) ~= nil
    end)
end

--- A suggestion of Neovim's as one of ours.
---@param item table
---@return ambit.Candidate?
local function ours(item)
  local command = item.command and item.command.arguments
  return vim.iter(last and last.candidates or {}):find(function(candidate)
    return vim.deep_equal(candidate.item.command and candidate.item.command.arguments, command)
  end)
end

---@param part ambit.Part
function M.accept(part)
  vim.lsp.inline_completion.get({
    on_accept = function(item)
      local candidate = ours(item)
      local row, column = unpack(vim.api.nvim_win_get_cursor(0))
      local rest = candidate and candidate_of.rest(candidate, 0, row - 1, column)
      if not candidate or not rest then
        return
      end
      require('ambit.suggestions').taken(candidate, candidate_of.take(candidate, rest, part))
    end,
  })
end

--- The buffer in which it is switched off for the moment.
---@type integer?
local away

--- Puts away what is shown. There is no other way than to switch it off, until the text changes.
function M.dismiss()
  last = nil
  away = vim.api.nvim_get_current_buf()
  vim.lsp.inline_completion.enable(false, { bufnr = away })
end

--- Has it show what follows again.
function M.resume()
  local buffer = away
  away = nil
  if buffer and vim.api.nvim_buf_is_valid(buffer) then
    vim.lsp.inline_completion.enable(true, { bufnr = buffer })
    -- It asks when the cursor moves, which it just did. Should its group bear another name one day, it asks at the next key.
    local group = ('nvim.lsp.inline_completion:%d'):format(buffer)
    pcall(vim.api.nvim_exec_autocmds, 'CursorMovedI', { group = group, buffer = buffer })
  end
end

return M

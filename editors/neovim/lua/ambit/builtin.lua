-- Suggestions by Neovim's own inline completion, which came with 0.12. It shows them and asks for them; what it has no way for
-- (a word or a line of one, telling what was taken of it) is done here.

local candidate_of = require('ambit.candidate')
local options = require('ambit.options')

local M = {}

--- Whether it is there and wanted. In subtle mode nothing is to be shown by itself, which it cannot do.
function M.is_used()
  return vim.lsp.inline_completion ~= nil and options.current.builtin and not options.current.subtle
end

---@param client vim.lsp.Client
---@param buffer integer
function M.attach(client, buffer)
  vim.lsp.inline_completion.enable(true, { bufnr = buffer })
  vim.lsp.inline_completion.enable(true, { client_id = client.id })
end

--- The marks by which it shows a suggestion are all that tells whether there is one.
function M.is_shown()
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  return namespace ~= nil and #vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 }) > 0
end

--- A suggestion of Neovim's as one of ours. Its ranges had other names at first.
---@param item table
---@return ambit.Candidate
local function ours(item)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local start, ending = { row = row - 1, col = column }, { row = row - 1, col = column }
  local range = item.range
  if range then
    start = range.start or { row = range.start_row, col = range.start_col }
    ending = range.end_ or { row = range.end_row, col = range.end_col }
  end
  local text = type(item.insert_text) == 'table' and item.insert_text.value or item.insert_text
  local line = vim.api.nvim_buf_get_lines(0, ending.row, ending.row + 1, false)[1] or ''
  return {
    row = start.row,
    column = start.col,
    tail = line:sub(ending.col + 1),
    text = (text:gsub('\r\n', '\n')),
    is_crlf = text:find('\r\n', 1, true) ~= nil,
    item = { insertText = text, command = item.command },
    client_id = item.client_id,
    is_told = true,
  }
end

---@param part ambit.Part
function M.accept(part)
  vim.lsp.inline_completion.get({
    on_accept = function(item)
      local candidate = ours(item)
      local row, column = unpack(vim.api.nvim_win_get_cursor(0))
      local rest = candidate_of.rest(candidate, 0, row - 1, column)
      if not rest then
        return
      end
      local is_whole, characters = candidate_of.take(candidate, rest, part)
      local command = item.command
      if command and not is_whole then
        command = { command = command.command, arguments = { command.arguments[1], characters } }
      end
      require('ambit.suggestions').tell_accepted(item.client_id, command)
    end,
  })
end

---@param by integer
function M.choose(by)
  vim.lsp.inline_completion.select({ count = by })
end

--- There is no way to put one away but to switch it off and on.
function M.dismiss()
  local filter = { bufnr = vim.api.nvim_get_current_buf() }
  if vim.lsp.inline_completion.is_enabled(filter) then
    vim.lsp.inline_completion.enable(false, filter)
    vim.lsp.inline_completion.enable(true, filter)
  end
end

--- It asks by itself when it is switched on.
function M.ask()
  M.dismiss()
end

return M

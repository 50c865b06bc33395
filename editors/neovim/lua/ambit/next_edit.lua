-- Where the document is edited next, after the last edit: shown in its place, or in the line of the cursor where that cannot be
-- seen. One key goes there, and makes the edit once there.

local candidate_of = require('ambit.candidate')
local options = require('ambit.options')
local server = require('ambit.server')
local switches = require('ambit.switches')

local M = {}

M.NAMESPACE = vim.api.nvim_create_namespace('ambit.next_edit')

---@class ambit.NextEdit
---@field buffer integer
---@field tick integer of the text that it is for
---@field client vim.lsp.Client
---@field edit table as the server gave it
---@field first {row: integer, column: integer}
---@field last {row: integer, column: integer}

---@type ambit.NextEdit?
local shown
local newest = 0

local function clear()
  if shown and vim.api.nvim_buf_is_valid(shown.buffer) then
    vim.api.nvim_buf_clear_namespace(shown.buffer, M.NAMESPACE, 0, -1)
  end
  shown = nil
end

--- How the key is called that goes there.
local function key()
  return options.current.keys.next_edit or ':Ambit next-edit'
end

---@param next_edit ambit.NextEdit
local function draw(next_edit)
  local buffer, first, last = next_edit.buffer, next_edit.first, next_edit.last
  local lines = vim.split(next_edit.edit.text:gsub('\r\n', '\n'), '\n', { plain = true })
  -- Of whole lines the line before says why they come, and they stand below it.
  local text = #lines == 1 and '→ ' .. lines[1] or next_edit.edit.reason
  local below = vim.tbl_map(function(line)
    return { { line, 'AmbitSuggestion' } }
  end, vim.list_slice(lines, 2))
  vim.api.nvim_buf_set_extmark(buffer, M.NAMESPACE, first.row, first.column, {
    end_row = last.row,
    end_col = last.column,
    hl_group = 'AmbitNextEdit',
    virt_text = { { (' %s  (%s)'):format(text, key()), 'AmbitSuggestion' } },
    virt_text_pos = 'eol',
    virt_lines = below,
  })
  if first.row + 1 < vim.fn.line('w0') or first.row + 1 > vim.fn.line('w$') then
    local reason = next_edit.edit.reason or 'next edit'
    local hint = ('line %d: %s  (%s)'):format(first.row + 1, reason, key())
    vim.api.nvim_buf_set_extmark(buffer, M.NAMESPACE, vim.api.nvim_win_get_cursor(0)[1] - 1, 0, {
      virt_text = { { hint, 'AmbitSuggestion' } },
      virt_text_pos = 'right_align',
    })
  end
end

--- Asks where the document is edited next.
---@param is_asked boolean? whether somebody asked, and is to be told that there is nothing
function M.request(is_asked)
  newest = newest + 1
  clear()
  local buffer, number = vim.api.nvim_get_current_buf(), newest
  local client = server.client(buffer)
  if not client or not (options.current.next_edits or is_asked) or switches.availability(buffer) ~= 'on' then
    return
  end
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  client:request('textDocument/copilotInlineEdit', params, function(_, result)
    local is_present = number == newest
      and buffer == vim.api.nvim_get_current_buf()
      and tick == vim.api.nvim_buf_get_changedtick(buffer)
    if not is_present then
      return
    end
    local edit = type(result) == 'table' and result.edits and result.edits[1]
    if not edit then
      if is_asked then
        server.say('nothing is known to be edited next')
      end
      return
    end
    local function place(position)
      local line = vim.api.nvim_buf_get_lines(buffer, position.line, position.line + 1, false)[1] or ''
      return { row = position.line, column = candidate_of.byte(line, position.character, client.offset_encoding) }
    end
    shown = {
      buffer = buffer,
      tick = tick,
      client = client,
      edit = edit,
      first = place(edit.range.start),
      last = place(edit.range['end']),
    }
    draw(shown)
    client:notify('textDocument/didShowCompletion', { item = edit })
  end, buffer)
end

--- Whether one is shown, and still right.
---@return boolean
function M.is_shown()
  return shown ~= nil
    and shown.buffer == vim.api.nvim_get_current_buf()
    and shown.tick == vim.api.nvim_buf_get_changedtick(shown.buffer)
end

--- Goes to the next edit, or makes it where the cursor is in its line; then the one after it is shown.
function M.go()
  local it = shown
  if not it or not M.is_shown() then
    return M.request(true)
  end
  if vim.api.nvim_win_get_cursor(0)[1] - 1 ~= it.first.row then
    vim.cmd.normal({ "m'", bang = true })
    vim.api.nvim_win_set_cursor(0, { it.first.row + 1, it.first.column })
    return
  end
  clear()
  local lines = vim.split(it.edit.text:gsub('\r\n', '\n'), '\n', { plain = true })
  vim.api.nvim_buf_set_text(it.buffer, it.first.row, it.first.column, it.last.row, it.last.column, lines)
  local column = (#lines == 1 and it.first.column or 0) + #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { it.first.row + #lines, column })
  require('ambit.suggestions').tell_accepted(it.client.id, it.edit.command)
end

--- Puts it away.
function M.dismiss()
  newest = newest + 1
  clear()
end

--- Follows what is done to texts.
function M.start()
  local group = vim.api.nvim_create_augroup('ambit.next_edit', {})
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  on({ 'TextChanged', 'InsertLeave' }, function()
    M.request()
  end)
  on({ 'TextChangedI', 'BufLeave' }, M.dismiss)
end

return M

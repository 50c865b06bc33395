-- A change that a model wrote, beside the text that it is for: writing its buffer (`:w`) accepts it, closing discards it.

local server = require('ambit.server')

local M = {}

---@param edit table a workspace edit
---@return table[] edits of the one document that it is about
local function edits_of(edit)
  if edit.documentChanges then
    return edit.documentChanges[1].edits
  end
  local _, edits = next(edit.changes or {})
  return edits or {}
end

---@param proposed integer
---@param original integer
---@param tick integer
local function accept(proposed, original, tick)
  if not vim.api.nvim_buf_is_valid(original) or tick ~= vim.api.nvim_buf_get_changedtick(original) then
    return server.say('the text has changed meanwhile; copy what you need, and discard the rest by `:bd!`', 4)
  end
  local lines = vim.api.nvim_buf_get_lines(proposed, 0, -1, false)
  local before = vim.api.nvim_buf_get_lines(original, 0, -1, false)
  -- From the end, so that the places before stay right.
  local function joined(list)
    return table.concat(list, '\n') .. '\n'
  end
  local hunks = vim.diff(joined(before), joined(lines), { result_type = 'indices' }) --[[@as integer[][] ]]
  for index = #hunks, 1, -1 do
    local start, count, new_start, new_count = unpack(hunks[index])
    local from = count == 0 and start or start - 1
    local new = vim.list_slice(lines, new_start, new_start + new_count - 1)
    vim.api.nvim_buf_set_lines(original, from, from + count, false, new_count == 0 and {} or new)
  end
  vim.bo[proposed].modified = false
  vim.api.nvim_buf_delete(proposed, { force = true })
end

--- Shows a change as a difference.
---@param client vim.lsp.Client
---@param buffer integer
---@param title string
---@param edit table a workspace edit
function M.show(client, buffer, title, edit)
  local proposed = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(proposed, 0, -1, false, vim.api.nvim_buf_get_lines(buffer, 0, -1, false))
  local edits = vim.tbl_map(function(one)
    return { range = one.range, newText = one.newText:gsub('\r\n', '\n') }
  end, edits_of(edit))
  vim.lsp.util.apply_text_edits(edits, proposed, client.offset_encoding)
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':t')
  vim.api.nvim_buf_set_name(proposed, ('ambit-proposal://%d/%s'):format(proposed, name))
  local bo = vim.bo[proposed]
  bo.buftype, bo.bufhidden, bo.filetype, bo.modified = 'acwrite', 'wipe', vim.bo[buffer].filetype, false

  local window = vim.fn.bufwinid(buffer)
  if window == -1 then
    vim.cmd.sbuffer(buffer)
    window = vim.api.nvim_get_current_win()
  end
  vim.api.nvim_set_current_win(window)
  vim.cmd('rightbelow vsplit')
  local proposed_window = vim.api.nvim_get_current_win()
  vim.api.nvim_win_set_buf(proposed_window, proposed)
  vim.wo[proposed_window][0].winbar = title:gsub('%%', '%%%%') .. '   :w accepts, :q discards'
  for _, one in ipairs({ window, proposed_window }) do
    vim.api.nvim_win_call(one, function()
      vim.cmd.diffthis()
    end)
  end
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  vim.api.nvim_create_autocmd('BufWriteCmd', {
    buffer = proposed,
    callback = function()
      accept(proposed, buffer, tick)
    end,
  })
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = proposed,
    callback = function()
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_call(window, function()
          vim.cmd.diffoff()
        end)
      end
    end,
  })
end

return M

-- Where Ambit is switched off, and by what.

local options = require('ambit.options')

local M = {}

---@alias ambit.Availability 'on'|'off'|'filetype'|'file'|'buffer'

--- Whether a glob is one of a path. One without a slash is about names in every folder, as for the language server.
---@param glob string
---@param path string absolute
---@return boolean
function M.matches(glob, path)
  local subject = glob:find('/', 1, true) and path or vim.fs.basename(path)
  return vim.glob.to_lpeg(glob):match(subject) ~= nil
end

--- Whether there is Ambit in a buffer, or what switched it off there.
---@param buffer integer
---@return ambit.Availability
function M.availability(buffer)
  local chosen = options.current
  if not chosen.enabled then
    return 'off'
  end
  if vim.tbl_contains(chosen.disabled_filetypes, vim.bo[buffer].filetype) then
    return 'filetype'
  end
  local path = vim.api.nvim_buf_get_name(buffer)
  for _, glob in ipairs(chosen.disabled_files) do
    if path ~= '' and M.matches(glob, path) then
      return 'file'
    end
  end
  return vim.b[buffer].ambit_disabled and 'buffer' or 'on'
end

---@param list string[]
---@param value string
---@param is_in boolean
local function with(list, value, is_in)
  local others = vim.tbl_filter(function(other)
    return other ~= value
  end, list)
  return is_in and vim.list_extend(others, { value }) or others
end

--- Switches Ambit on or off: everywhere, for the file type of a buffer, or for the buffer alone, until Neovim ends.
---@param scope 'all'|'filetype'|'buffer'
---@param buffer integer
---@param is_on boolean? absent: the other way round
---@return string? problem
function M.switch(scope, buffer, is_on)
  local chosen = options.current
  if scope == 'buffer' then
    if is_on == nil then
      is_on = vim.b[buffer].ambit_disabled == true
    end
    vim.b[buffer].ambit_disabled = not is_on or nil
  elseif scope == 'filetype' then
    local filetype = vim.bo[buffer].filetype
    if filetype == '' then
      return 'this buffer has no file type; `:Ambit toggle buffer` switches the buffer'
    end
    if is_on == nil then
      is_on = vim.tbl_contains(chosen.disabled_filetypes, filetype)
    end
    chosen.disabled_filetypes = with(chosen.disabled_filetypes, filetype, not is_on)
  else
    if is_on == nil then
      is_on = not chosen.enabled
    end
    chosen.enabled = is_on
  end
  require('ambit.server').tell_settings()
  require('ambit.suggestions').dismiss()
  require('ambit.next_edit').dismiss()
end

return M

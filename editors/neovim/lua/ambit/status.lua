-- How things stand: the one thing of all that people should know first.

local locate = require('ambit.locate')
local options = require('ambit.options')
local server = require('ambit.server')
local switches = require('ambit.switches')

local M = {}

---@alias ambit.Situation 'missing'|'none'|'starting'|'no-host'|'off'|'off-filetype'|'off-file'|'off-buffer'|'subtle'|'ready'

local WORDS = {
  missing = 'the program ambit-lsp was not found',
  none = 'no language server runs for this buffer',
  starting = 'starting',
  ['no-host'] = 'Ambit does not answer',
  off = 'switched off',
  ['off-filetype'] = 'no suggestions for this file type',
  ['off-file'] = 'no suggestions in this file',
  ['off-buffer'] = 'no suggestions in this buffer',
  subtle = 'ready; suggestions come when you ask for them',
  ready = 'ready',
}

--- What stands in the status line.
local SIGNS = { missing = '✗', none = '-', starting = '…', ['no-host'] = '✗', subtle = '', ready = '' }

---@return ambit.Situation
function M.situation()
  local availability = switches.availability(vim.api.nvim_get_current_buf())
  if availability == 'off' then
    return 'off'
  end
  local client = server.client(0)
  if not client and not locate.server(options.current.command) then
    return 'missing'
  end
  local standing = server.standing()
  if standing and standing.kind == 'Error' then
    return 'no-host'
  end
  -- It is inactive until it has heard that it is wanted.
  if client and (not standing or standing.busy or standing.kind == 'Inactive') then
    return 'starting'
  end
  if availability ~= 'on' then
    return 'off-' .. availability
  end
  if not client then
    return 'none'
  end
  return options.current.subtle and 'subtle' or 'ready'
end

--- How things stand, in words.
---@return string
function M.told()
  local situation, standing = M.situation(), server.standing()
  local more = situation == 'no-host' and standing and (': ' .. standing.message) or ''
  return WORDS[situation] .. more
end

--- For a status line.
---@return string
function M.line()
  local situation = M.situation()
  if situation == 'subtle' and require('ambit.suggestions').is_waiting() then
    return 'Ambit ✦'
  end
  local sign = SIGNS[situation] or 'off'
  return sign == '' and 'Ambit' or 'Ambit ' .. sign
end

return M

-- Keys that do something where there is something to do, and else what they did before.

local actions = require('ambit.actions')
local options = require('ambit.options')

local M = {}

--- What a key did before, by mode and key.
---@type table<string, table>
local before = {}

--- The keys that are mapped by us.
---@type {mode: string, key: string}[]
local mapped = {}

local function codes(text)
  return vim.api.nvim_replace_termcodes(text, true, true, true)
end

--- What a key types that does what it did before.
---@param mode string
---@param key string
---@return string
local function usual(mode, key)
  local map = before[mode .. key]
  if not map then
    return codes(key)
  end
  if map.callback and map.expr ~= 1 then
    -- It may change the text, which nothing may while Neovim asks what a key types.
    return codes(('<Cmd>lua require("ambit.keys").do_usual(%q, %q)<CR>'):format(mode, (key:gsub('<', '<lt>'))))
  end
  local typed = map.rhs or ''
  if map.expr == 1 then
    typed = map.callback and map.callback() or not map.callback and vim.api.nvim_eval(map.rhs) or ''
    typed = map.replace_keycodes == 1 and codes(typed) or typed
  else
    typed = codes(typed)
  end
  if map.noremap == 1 then
    return typed
  end
  vim.api.nvim_feedkeys(typed, 'mi', false)
  return ''
end

--- Does what a key did before, where that is a function.
---@param mode string
---@param key string
function M.do_usual(mode, key)
  before[mode .. key].callback()
end

---@param mode string
---@param key string
---@param name string
local function map(mode, key, name)
  local action = actions[name]
  local previous = vim.fn.maparg(key, mode, false, true)
  if previous.buffer == 0 then
    before[mode .. key] = previous
  end
  -- One step of undo takes back what was taken.
  local undo = name:find('^accept') and '<C-g>u' or ''
  local command = ('%s<Cmd>lua require("ambit.actions")[%q].run()<CR>'):format(undo, name)
  vim.keymap.set(mode, key, function()
    return action.applies() and codes(command) or usual(mode, key)
  end, { expr = true, replace_keycodes = false, desc = 'Ambit: ' .. action.says })
  table.insert(mapped, { mode = mode, key = key })
end

--- Takes our keys back, and gives others.
function M.set()
  for _, one in ipairs(mapped) do
    pcall(vim.keymap.del, one.mode, one.key)
    local previous = before[one.mode .. one.key]
    if previous then
      vim.fn.mapset(one.mode, false, previous)
    end
  end
  before, mapped = {}, {}
  for name, key in pairs(options.current.keys) do
    if key then
      local action = name:gsub('_', '-')
      for _, mode in ipairs(actions[action].modes) do
        map(mode, key, action)
      end
    end
  end
end

return M

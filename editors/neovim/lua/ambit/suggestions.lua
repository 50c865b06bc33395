-- What follows while somebody types, as ghost text: asked for at each keystroke, which makes an older question worthless, and
-- kept as long as they type along it. Where Neovim can show such text by itself, `ambit.builtin` has it do so, and what is here
-- shows only what somebody asked for.

local builtin = require('ambit.builtin')
local candidate_of = require('ambit.candidate')
local options = require('ambit.options')
local server = require('ambit.server')
local switches = require('ambit.switches')

local M = {}

M.NAMESPACE = vim.api.nvim_create_namespace('ambit.suggestions')
M.HIGHLIGHT = 'AmbitSuggestion'

local METHOD = 'textDocument/inlineCompletion'
local ASKED, TYPED = 1, 2

---@class ambit.Offered
---@field buffer integer
---@field candidates ambit.Candidate[]
---@field index integer
---@field is_asked boolean whether somebody asked: then there are several, and they are shown also in subtle mode
---@field is_drawn boolean
---@field tick integer of the text that it is for

---@type ambit.Offered?
local offered
--- The question that is under way. `tick` is of the text that somebody asked for suggestions in.
---@type {client: vim.lsp.Client, id: integer, tick: integer?}?
local pending
--- Numbers the questions, so that an answer to an older one is known.
local newest = 0

local function cursor()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  return row - 1, column
end

local function is_inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
end

local function cancel()
  newest = newest + 1
  if pending and not pending.client:is_stopped() then
    pending.client:cancel_request(pending.id)
  end
  pending = nil
end

local function clear()
  if offered and vim.api.nvim_buf_is_valid(offered.buffer) then
    vim.api.nvim_buf_clear_namespace(offered.buffer, M.NAMESPACE, 0, -1)
  end
end

local function hide()
  clear()
  local was_offered = offered ~= nil
  offered = nil
  if was_offered then
    vim.cmd.redrawstatus()
  end
end

--- Tells the server of a suggestion that was shown or partly taken.
---@param candidate ambit.Candidate
---@param method string
---@param more table?
local function notify(candidate, method, more)
  local client = vim.lsp.get_client_by_id(candidate.client_id)
  if client then
    client:notify(method, vim.tbl_extend('error', { item = candidate.item }, more or {}))
  end
end

--- Tells the server that a suggestion was taken.
---@param client_id integer
---@param command table?
function M.tell_accepted(client_id, command)
  local client = vim.lsp.get_client_by_id(client_id)
  if client and command then
    local params = { command = command.command, arguments = command.arguments }
    -- Nothing depends on the answer.
    client:request('workspace/executeCommand', params, function() end)
  end
end

--- Tells the server that a suggestion was taken, or so many characters of it.
---@param candidate ambit.Candidate
---@param is_whole boolean
---@param characters integer
function M.taken(candidate, is_whole, characters)
  if is_whole then
    M.tell_accepted(candidate.client_id, candidate.item.command)
  else
    notify(candidate, 'textDocument/didPartiallyAcceptCompletion', { acceptedLength = characters })
  end
end

---@param found ambit.Offered
---@param rest ambit.Rest
local function draw(found, rest)
  local row, column = cursor()
  local candidate = found.candidates[found.index]
  vim.api.nvim_buf_clear_namespace(found.buffer, M.NAMESPACE, 0, -1)
  local line = vim.api.nvim_buf_get_lines(found.buffer, row, row + 1, false)[1] or ''
  local pieces, below = candidate_of.shown(rest, line, column)
  for _, piece in ipairs(pieces) do
    vim.api.nvim_buf_set_extmark(found.buffer, M.NAMESPACE, row, piece.column, {
      virt_text = { { piece.text, M.HIGHLIGHT } },
      virt_text_pos = 'inline',
      hl_mode = 'combine',
    })
  end
  if #below > 0 then
    vim.api.nvim_buf_set_extmark(found.buffer, M.NAMESPACE, row, column, {
      virt_lines = vim.tbl_map(function(text)
        return { { text, M.HIGHLIGHT } }
      end, below),
    })
  end
  found.is_drawn = true
  if not candidate.is_told then
    candidate.is_told = true
    notify(candidate, 'textDocument/didShowCompletion')
  end
end

--- Shows the chosen suggestion, or another one that fits what was typed.
---@return boolean whether there is one
local function present()
  local found = offered
  if not found or found.buffer ~= vim.api.nvim_get_current_buf() then
    return false
  end
  local row, column = cursor()
  local count = #found.candidates
  for step = 0, count - 1 do
    local index = (found.index - 1 + step) % count + 1
    local rest = candidate_of.rest(found.candidates[index], found.buffer, row, column)
    if rest then
      found.index, found.tick = index, vim.api.nvim_buf_get_changedtick(found.buffer)
      if found.is_asked or not options.current.subtle then
        draw(found, rest)
      end
      return true
    end
  end
  return false
end

---@param kind integer
---@param then_choose integer? how many candidates further
local function request(kind, then_choose)
  cancel()
  local buffer = vim.api.nvim_get_current_buf()
  local client = server.client(buffer)
  if not client or vim.fn.pumvisible() == 1 or switches.availability(buffer) ~= 'on' then
    return hide()
  end
  local row, column = cursor()
  local tick, number = vim.api.nvim_buf_get_changedtick(buffer), newest
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }
  local function answered(_, result)
    if number ~= newest then
      return
    end
    pending = nil
    local is_there = buffer == vim.api.nvim_get_current_buf() and is_inserting() and vim.fn.pumvisible() == 0
    local now_row, now_column = cursor()
    if not is_there or tick ~= vim.api.nvim_buf_get_changedtick(buffer) or row ~= now_row or column ~= now_column then
      return
    end
    local items = type(result) == 'table' and (result.items or result) or {}
    hide()
    if #items == 0 then
      return
    end
    local candidates = vim.tbl_map(function(item)
      return candidate_of.new(buffer, item, client, row, column)
    end, items)
    offered = { buffer = buffer, candidates = candidates, index = 1, is_asked = kind == ASKED, is_drawn = false, tick = tick }
    if then_choose then
      offered.index = then_choose % #candidates + 1
    end
    if not present() then
      hide()
    end
    vim.cmd.redrawstatus()
  end
  local is_sent, id = client:request(METHOD, params, answered, buffer)
  pending = is_sent and id and { client = client, id = id, tick = kind == ASKED and tick or nil } or nil
end

--- Follows what was typed: along a suggestion, or else to new ones.
function M.follow()
  if not is_inserting() or not server.client(0) then
    return
  end
  if vim.fn.pumvisible() == 0 and present() then
    return
  end
  if pending and pending.tick == vim.api.nvim_buf_get_changedtick(0) then
    -- Neovim tells of a key only when the one after it, by which somebody asked, was worked on.
    return
  end
  hide()
  if builtin.is_used() then
    cancel()
    builtin.resume()
  else
    request(TYPED)
  end
end

local function away()
  cancel()
  hide()
end

--- Follows the cursor, where it moved without a change of the text.
local function moved()
  if offered and offered.tick == vim.api.nvim_buf_get_changedtick(0) and not present() then
    away()
  end
end

--- Has suggestions shown in a buffer.
---@param client vim.lsp.Client its client
---@param buffer integer
function M.attach(client, buffer)
  if builtin.is_used() then
    builtin.attach(client, buffer)
  end
  local group = vim.api.nvim_create_augroup('ambit.suggestions.' .. buffer, {})
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, buffer = buffer, callback = callback })
  end
  on('TextChangedI', M.follow)
  -- Insert mode begins behind this event.
  on('InsertEnter', vim.schedule_wrap(M.follow))
  on('CursorMovedI', moved)
  on({ 'TextChangedP', 'InsertLeave', 'BufLeave', 'WinLeave' }, away)
  -- The list of completions has gone, and its entry stands in the text.
  on('CompleteDone', vim.schedule_wrap(M.follow))
end

--- Whether there is a suggestion here that Neovim does not show by itself.
---@return boolean
function M.is_offered()
  return offered ~= nil and offered.buffer == vim.api.nvim_get_current_buf() and is_inserting()
end

local function is_drawn()
  return M.is_offered() and offered ~= nil and offered.is_drawn
end

--- Whether there is a suggestion that can be seen.
---@return boolean
function M.is_shown()
  return is_drawn() or (builtin.is_used() and builtin.is_shown())
end

--- Whether there is a suggestion that waits to be asked for, since suggestions are subtle.
---@return boolean
function M.is_waiting()
  return offered ~= nil and not offered.is_drawn
end

--- Takes what is shown, or a part of it.
---@param part ambit.Part
function M.accept(part)
  local found = offered
  if not found or not is_drawn() then
    return builtin.is_used() and builtin.accept(part)
  end
  local row, column = cursor()
  local candidate = found.candidates[found.index]
  local rest = candidate_of.rest(candidate, found.buffer, row, column)
  if not rest then
    return hide()
  end
  clear()
  local is_whole, characters = candidate_of.take(candidate, rest, part)
  M.taken(candidate, is_whole, characters)
  if is_whole then
    hide()
  else
    present()
  end
end

--- Shows another suggestion: a number of them further, or back. Where only one was asked for, more are.
---@param by integer
function M.choose(by)
  local found = offered
  if not found or not found.is_asked then
    return M.ask(by)
  end
  found.index = (found.index - 1 + by) % #found.candidates + 1
  present()
end

--- Puts away what is suggested, and asks for nothing more.
function M.dismiss()
  away()
  if builtin.is_used() then
    builtin.dismiss()
  end
end

--- Asks for suggestions, also where doubt would keep the host silent.
---@param by integer? how many further than the first is to be shown
function M.ask(by)
  if builtin.is_used() then
    builtin.dismiss()
  end
  request(ASKED, by)
end

return M

-- A suggestion in front of the text that it is for: what of it is still to come, in which pieces it is shown, and how it is put
-- in. Places count from 0, columns are bytes.

local M = {}

---@alias ambit.Part 'all'|'word'|'line'

---@class ambit.Candidate
---@field row integer where what it takes the place of begins
---@field column integer
---@field tail string the text of the line behind what it takes the place of
---@field text string what stands there once it is taken; lines end with \n
---@field is_crlf boolean whether the server ended them with \r\n
---@field item table as the server gave it
---@field client_id integer
---@field is_told boolean whether the server knows that it was shown

---@class ambit.Rest
---@field text string what is still to be typed
---@field between string what stands between the cursor and the tail, and is part of the text

---@class ambit.Piece
---@field column integer
---@field text string

---@param buffer integer
---@param row integer
---@return string
local function line_of(buffer, row)
  return vim.api.nvim_buf_get_lines(buffer, row, row + 1, false)[1] or ''
end

--- A place of the protocol as a byte of its line.
---@param line string
---@param character integer
---@param encoding string
function M.byte(line, character, encoding)
  return vim.str_byteindex(line, encoding, character, false)
end

---@param buffer integer
---@param item table
---@param client vim.lsp.Client
---@param row integer where the cursor is
---@param column integer
---@return ambit.Candidate
function M.new(buffer, item, client, row, column)
  local start = item.range and item.range.start or { line = row }
  local ending = item.range and item.range['end'] or { line = row }
  local function byte(place)
    return place.character and M.byte(line_of(buffer, place.line), place.character, client.offset_encoding) or column
  end
  local text = type(item.insertText) == 'table' and item.insertText.value or item.insertText
  return {
    row = start.line,
    column = byte(start),
    tail = line_of(buffer, ending.line):sub(byte(ending) + 1),
    text = (text:gsub('\r\n', '\n')),
    is_crlf = text:find('\r\n', 1, true) ~= nil,
    item = item,
    client_id = client.id,
    is_told = false,
  }
end

--- Whether all characters of a text stand in another one, in their order; gives where, too.
---@param text string
---@param within string
---@return integer[]? places from 1
local function places_of(text, within)
  local places, from = {}, 1
  for character in text:gmatch('[%z\1-\127\194-\244][\128-\191]*') do
    local first, last = within:find(character, from, true)
    if not first then
      return nil
    end
    table.insert(places, first)
    from = last + 1
  end
  return places
end

---@param text string
local function first_line(text)
  return text:match('^[^\n]*')
end

--- What of a suggestion is still to come at the cursor; nil where it does not fit any more, and where nothing is left.
---@param candidate ambit.Candidate
---@param buffer integer
---@param row integer
---@param column integer
---@return ambit.Rest?
function M.rest(candidate, buffer, row, column)
  if row < candidate.row or (row == candidate.row and column < candidate.column) then
    return nil
  end
  local is_read, lines =
    pcall(vim.api.nvim_buf_get_text, buffer, candidate.row, candidate.column, row, column, {})
  if not is_read then
    return nil
  end
  local typed = table.concat(lines, '\n')
  if #typed >= #candidate.text or not vim.startswith(candidate.text, typed) then
    return nil
  end
  local behind = line_of(buffer, row):sub(column + 1)
  if not vim.endswith(behind, candidate.tail) then
    return nil
  end
  local text, between = candidate.text:sub(#typed + 1), behind:sub(1, #behind - #candidate.tail)
  -- A bracket that closes by itself stands there already; anything else cannot be shown as an insertion.
  return places_of(between, first_line(text)) and text ~= between and { text = text, between = between } or nil
end

--- A text whose tabs are as wide as they are in a column.
---@param text string
---@param column integer on the screen, from 0
local function untabbed(text, column)
  local parts, at = {}, column
  for part, tab in text:gmatch('([^\t]*)(\t?)') do
    at = at + vim.fn.strdisplaywidth(part, at)
    local width = tab == '' and 0 or vim.fn.strdisplaywidth('\t', at)
    at = at + width
    table.insert(parts, part .. (' '):rep(width))
  end
  return table.concat(parts)
end

--- How a rest is shown: pieces in the line of the cursor, and lines below it.
---@param rest ambit.Rest
---@param line string
---@param column integer
---@return ambit.Piece[]
---@return string[] below
function M.shown(rest, line, column)
  local first = first_line(rest.text)
  local pieces, from, at = {}, 1, column
  local on_screen = vim.fn.strdisplaywidth(line:sub(1, column))
  for _, place in ipairs(places_of(rest.between, first) or {}) do
    local character = first:match('^[%z\1-\127\194-\244][\128-\191]*', place)
    if place > from then
      table.insert(pieces, { column = at, text = untabbed(first:sub(from, place - 1), on_screen) })
    end
    on_screen = on_screen + vim.fn.strdisplaywidth(first:sub(from, place - 1) .. character, on_screen)
    from, at = place + #character, at + #character
  end
  if from <= #first then
    table.insert(pieces, { column = at, text = untabbed(first:sub(from), on_screen) })
  end
  local below = {}
  if #rest.text > #first then
    for text in vim.gsplit(rest.text:sub(#first + 2), '\n', { plain = true }) do
      table.insert(below, untabbed(text, 0))
    end
  end
  return pieces, below
end

--- The beginning of a text that is taken as a part: a word with what is empty before it, or a line.
---@param text string
---@param part ambit.Part
function M.part(text, part)
  if part == 'word' then
    local word = vim.fn.matchstr(text, [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]])
    return word ~= '' and word or text
  elseif part == 'line' then
    return text:match('^\n*[^\n]*')
  end
  return text
end

--- Puts a part of a suggestion in at the cursor of the window in front, and the cursor behind it.
---@param candidate ambit.Candidate
---@param rest ambit.Rest
---@param part ambit.Part
---@return boolean is_whole whether nothing is left of it
---@return integer characters how many of the suggestion's characters stand there now
function M.take(candidate, rest, part)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  row = row - 1
  local text = M.part(rest.text, part)
  local left = rest.text:sub(#text + 1)
  -- What stands there already and does not follow any more is part of what was taken.
  local kept = rest.between
  while not places_of(kept, first_line(left)) do
    kept = vim.fn.strcharpart(kept, 1)
  end
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, row, column, row, column + #rest.between - #kept, lines)
  vim.api.nvim_win_set_cursor(0, { row + #lines, (#lines == 1 and column or 0) + #lines[#lines] })
  local standing = candidate.text:sub(1, #candidate.text - #left)
  local _, ends = standing:gsub('\n', '')
  return left == kept, vim.fn.strchars(standing) + (candidate.is_crlf and ends or 0)
end

return M

-- Questions, and answers with their sources in a window of their own.

local quotation = require('ambit.quotation')
local server = require('ambit.server')

local M = {}

---@class ambit.Source
---@field path string
---@field line integer?

--- The sources of an answer, by the line of the buffer that names them.
---@type table<integer, table<integer, ambit.Source>>
local sources = {}

local function open_source()
  local buffer = vim.api.nvim_get_current_buf()
  local source = (sources[buffer] or {})[vim.api.nvim_win_get_cursor(0)[1]]
  if not source then
    return
  end
  vim.cmd.wincmd('p')
  if vim.api.nvim_get_current_buf() == buffer then
    vim.cmd.split()
  end
  vim.cmd.edit(vim.fn.fnameescape(source.path))
  if source.line then
    pcall(vim.api.nvim_win_set_cursor, 0, { source.line, 0 })
  end
end

---@param title string
---@param lines string[]
---@param at table<integer, ambit.Source>
local function show(title, lines, at)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].filetype = 'markdown'
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  sources[buffer] = at
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = buffer,
    callback = function()
      sources[buffer] = nil
    end,
  })
  vim.keymap.set('n', '<CR>', open_source, { buffer = buffer, desc = 'Ambit: open the source in this line' })
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buffer, desc = 'Ambit: close the answer' })
  vim.cmd('botright split')
  vim.api.nvim_win_set_buf(0, buffer)
  vim.api.nvim_win_set_height(0, math.min(#lines + 1, math.max(6, math.floor(vim.o.lines / 2))))
  vim.wo[0][0].wrap = true
  vim.wo[0][0].linebreak = true
  vim.wo[0][0].winbar = title:gsub('%%', '%%%%')
end

--- Shows a text of Markdown.
---@param title string
---@param text string
function M.show_text(title, text)
  show(title, vim.split(text, '\r?\n'), {})
end

---@param question string
---@param answer table
local function show_answer(question, answer)
  local lines, at = vim.split(answer.text, '\r?\n'), {}
  if #(answer.citations or {}) > 0 then
    vim.list_extend(lines, { '', '---' })
  end
  for _, citation in ipairs(answer.citations or {}) do
    local line = citation.span and citation.span.start
    local is_page = citation.span and citation.span.unit == 'pages'
    local place = not line and '' or (is_page and (', page %d'):format(line)) or (':%d'):format(line)
    table.insert(lines, ('[%d] %s%s'):format(citation.number, vim.fn.fnamemodify(citation.path, ':~:.'), place))
    at[#lines] = { path = citation.path, line = not is_page and line or nil }
  end
  show(question:match('^%s*([^\n]*)'), lines, at)
end

--- Asks a question, about lines of the buffer where some are given.
---@param question string
---@param first integer?
---@param last integer?
function M.ask(question, first, last)
  local client = server.any_client()
  if not client then
    return server.say('the language server does not run here; `:checkhealth ambit` tells why', vim.log.levels.WARN)
  end
  local whole = question
  if first then
    local code = table.concat(vim.api.nvim_buf_get_lines(0, first - 1, last, false), '\n')
    whole = question .. quotation.of(vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ':.'), vim.bo.filetype, code)
  end
  server.execute(client, 'ambit.ask', { whole }, function(answer)
    show_answer(question, answer)
  end)
end

return M

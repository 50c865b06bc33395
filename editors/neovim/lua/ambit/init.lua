-- Ambit in Neovim: suggestions while one types, questions, and changes by `ambit-lsp`. doc/ambit.txt tells the rest.

local options = require('ambit.options')

local M = {}

local is_started = false

local function highlights()
  vim.api.nvim_set_hl(0, 'AmbitSuggestion', { default = true, link = 'Comment' })
  vim.api.nvim_set_hl(0, 'AmbitNextEdit', { default = true, link = 'Visual' })
end

--- Takes options; those that are not given are as in [ambit.options]. It need not be called, and can be called again.
---@param given table?
function M.setup(given)
  local chosen, problems = options.read(given)
  options.current = chosen
  for _, problem in ipairs(problems) do
    vim.notify('Ambit: in the options, ' .. problem, vim.log.levels.ERROR)
  end
  if is_started then
    require('ambit.keys').set()
    require('ambit.server').tell_settings()
  end
end

--- Starts Ambit, once. `plugin/ambit.lua` does so when Neovim is up.
function M.start()
  if is_started then
    return
  end
  is_started = true
  local server = require('ambit.server')
  local group = vim.api.nvim_create_augroup('ambit', {})
  highlights()
  vim.api.nvim_create_autocmd('ColorScheme', { group = group, callback = highlights })
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile', 'BufWritePost' }, {
    group = group,
    callback = function(event)
      -- After the file type, where it gets one.
      vim.schedule(function()
        if vim.api.nvim_buf_is_loaded(event.buf) then
          server.start_for_plain(event.buf)
        end
      end)
    end,
  })
  require('ambit.keys').set()
  require('ambit.next_edit').start()
  server.start()
end

--- How things stand, for a status line: `%{%v:lua.require'ambit'.statusline()%}`.
---@return string
function M.statusline()
  return require('ambit.status').line()
end

return M

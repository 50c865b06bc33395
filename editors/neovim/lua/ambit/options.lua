-- What people choose, and what is wrong with it.

---@class ambit.Keys: table<string, string|false>

---@class ambit.Options
---@field enabled boolean whether anything is told to the host
---@field command string? the absolute path of `ambit-lsp`; where there is none, it is looked for
---@field subtle boolean whether suggestions are shown only when somebody asks
---@field builtin boolean whether Neovim's own inline completion shows them, where it has that
---@field next_edits boolean whether it is shown where the document is edited next
---@field disabled_filetypes string[] file types whose documents are left alone
---@field disabled_files string[] globs of files that are left alone
---@field maximum_lines integer how many lines a suggestion may have; 0: as many as fit
---@field words boolean whether words are offered in the list of completions
---@field code_lens boolean whether what can be done stands above definitions
---@field keys ambit.Keys

local M = {}

---@type ambit.Options
M.defaults = {
  enabled = true,
  command = nil,
  subtle = false,
  builtin = true,
  next_edits = true,
  disabled_filetypes = {},
  disabled_files = {},
  maximum_lines = 0,
  words = true,
  code_lens = false,
  keys = {
    accept = '<Tab>',
    accept_word = '<C-Right>',
    accept_line = '<M-l>',
    next = '<M-]>',
    previous = '<M-[>',
    dismiss = '<C-]>',
    suggest = '<M-\\>',
    next_edit = '<M-n>',
  },
}

---@type ambit.Options
M.current = vim.deepcopy(M.defaults)

local function is_boolean(value)
  return type(value) == 'boolean'
end

local function is_texts(value)
  if type(value) ~= 'table' or not vim.islist(value) then
    return false
  end
  return vim.iter(value):all(function(text)
    return type(text) == 'string'
  end)
end

local function is_path(value)
  return type(value) == 'string' and vim.startswith(vim.fs.normalize(value), '/')
end

local function is_count(value)
  return type(value) == 'number' and value >= 0 and value % 1 == 0
end

local function is_key(value)
  return value == false or (type(value) == 'string' and value ~= '')
end

---@type table<string, {[1]: fun(value: any): boolean, [2]: string}>
local RULES = {
  enabled = { is_boolean, 'true or false' },
  command = { is_path, 'the absolute path of ambit-lsp' },
  subtle = { is_boolean, 'true or false' },
  builtin = { is_boolean, 'true or false' },
  next_edits = { is_boolean, 'true or false' },
  disabled_filetypes = { is_texts, "a list of file types, such as { 'markdown' }" },
  disabled_files = { is_texts, "a list of globs, such as { '*.env' }" },
  maximum_lines = { is_count, 'a number of lines, 0 or more' },
  words = { is_boolean, 'true or false' },
  code_lens = { is_boolean, 'true or false' },
}

---@param names string[]
local function listed(names)
  table.sort(names)
  return '`' .. table.concat(names, '`, `') .. '`'
end

---@param value any
local function shown(value)
  return (vim.inspect(value, { newline = ' ', indent = '' }))
end

---@param given table
---@param problems string[]
---@return ambit.Keys
local function keys(given, problems)
  local chosen = vim.deepcopy(M.defaults.keys)
  if type(given) ~= 'table' then
    table.insert(problems, ('`keys` is to be a table, not %s'):format(shown(given)))
    return chosen
  end
  for name, key in pairs(given) do
    if chosen[name] == nil then
      table.insert(problems, ('there is no key `%s`; there are %s'):format(name, listed(vim.tbl_keys(chosen))))
    elseif not is_key(key) then
      table.insert(problems, ("`keys.%s` is to be a key, such as '<Tab>', or false, not %s"):format(name, shown(key)))
    else
      chosen[name] = key
    end
  end
  return chosen
end

--- Reads options. What is wrong is left out and told, so that one slip does not put the rest aside.
---@param given table?
---@return ambit.Options
---@return string[] problems
function M.read(given)
  local problems = {}
  local options = vim.deepcopy(M.defaults)
  if given ~= nil and type(given) ~= 'table' then
    return options, { ('the options are to be a table, not %s'):format(shown(given)) }
  end
  local names = vim.list_extend(vim.tbl_keys(RULES), { 'keys' })
  for name, value in pairs(given or {}) do
    local rule = RULES[name]
    if name == 'keys' then
      options.keys = keys(value, problems)
    elseif not rule then
      table.insert(problems, ('there is no option `%s`; there are %s'):format(name, listed(names)))
    elseif not rule[1](value) then
      table.insert(problems, ('`%s` is to be %s, not %s'):format(name, rule[2], shown(value)))
    else
      options[name] = value
    end
  end
  local globs = {}
  for _, glob in ipairs(options.disabled_files) do
    if pcall(vim.glob.to_lpeg, glob) then
      table.insert(globs, glob)
    else
      table.insert(problems, ('`disabled_files` holds %s, which is no glob'):format(shown(glob)))
    end
  end
  options.disabled_files = globs
  table.sort(problems)
  return options, problems
end

--- The settings as the language server knows them.
---@return table
function M.for_server()
  local options = M.current
  return {
    ambit = {
      enabled = options.enabled,
      disabledLanguages = options.disabled_filetypes,
      disabledFiles = options.disabled_files,
      maximumLines = options.maximum_lines,
      words = options.words,
      codeLens = options.code_lens,
    },
  }
end

return M

-- Where the programs are.

local M = {}

local SUFFIX = vim.fn.has('win32') == 1 and '.exe' or ''
local SEPARATOR = vim.fn.has('win32') == 1 and ';' or ':'

---@param path string
local function is_program(path)
  return vim.fn.executable(path) == 1
end

---@param path string
local function is_absolute(path)
  return vim.startswith(path, '/') or path:match('^%a:[/\\]') ~= nil
end

--- Folders where programs are: those of PATH, and where `make install` puts them, which an editor that the desktop started may
--- not have there. A relative one would hold other programs in each folder that one opens.
---@return string[]
local function folders()
  local found = vim.tbl_filter(is_absolute, vim.split(vim.env.PATH or '', SEPARATOR, { plain = true }))
  table.insert(found, vim.fs.joinpath(vim.uv.os_homedir(), '.local/bin'))
  return found
end

--- Where `ambit-lsp` is; nil when it is nowhere. What an option names counts alone.
---@param configured string?
---@return string?
function M.server(configured)
  if configured then
    local path = vim.fs.normalize(configured)
    return is_absolute(path) and is_program(path) and path or nil
  end
  for _, folder in ipairs(folders()) do
    local path = vim.fs.joinpath(folder, 'ambit-lsp' .. SUFFIX)
    if is_program(path) then
      return path
    end
  end
  -- Only a link to `ambit` may be on PATH, and its neighbour where it leads to.
  for _, folder in ipairs(folders()) do
    local program = vim.uv.fs_realpath(vim.fs.joinpath(folder, 'ambit' .. SUFFIX))
    local beside = program and vim.fs.joinpath(vim.fs.dirname(program), 'ambit-lsp' .. SUFFIX)
    if beside and is_program(beside) then
      return beside
    end
  end
end

--- The `ambit` that a language server starts hosts with: the one beside it, or else that of PATH.
---@param server string
---@return string?
function M.ambit(server)
  local beside = vim.fs.joinpath(vim.fs.dirname(vim.uv.fs_realpath(server) or server), 'ambit' .. SUFFIX)
  if is_program(beside) then
    return beside
  end
  local path = vim.fn.exepath('ambit')
  return path ~= '' and path or nil
end

return M

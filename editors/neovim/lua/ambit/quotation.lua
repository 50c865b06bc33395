-- Code as a quotation in a question.

local M = {}

---@param path string
---@param filetype string
---@param code string
---@return string
function M.of(path, filetype, code)
  local text = code:gsub('\r\n', '\n'):gsub('^\n+', ''):gsub('%s+$', '')
  -- A fence must be longer than all that stand in the code.
  local longest = 2
  for fence in text:gmatch('```+') do
    longest = math.max(longest, #fence)
  end
  local fence = ('`'):rep(longest + 1)
  return ('\n\n%s:\n%s%s\n%s\n%s'):format(path, fence, filetype, text, fence)
end

return M

-- Whether all Lua here can be read, and is no wider than the rest of the code: `nvim -l check_syntax.lua`.

local here = vim.fs.dirname(vim.fs.dirname(vim.fs.abspath(debug.getinfo(1, 'S').source:sub(2))))
local is_good = true

for name, kind in vim.fs.dir(here, { depth = 5 }) do
  if kind == 'file' and name:match('%.lua$') then
    local path = vim.fs.joinpath(here, name)
    local read, problem = loadfile(path)
    if not read then
      is_good = false
      io.stderr:write(problem, '\n')
    end
    for number, line in ipairs(vim.fn.readfile(path)) do
      if vim.fn.strchars(line) > 130 then
        is_good = false
        io.stderr:write(('%s:%d: wider than 130 characters\n'):format(path, number))
      end
    end
  end
end
os.exit(is_good and 0 or 1)

-- All tests of the plugin, as `scripts/test-editors` prepares them: `nvim -l run.lua`.

local here = vim.fs.dirname(vim.fs.abspath(debug.getinfo(1, 'S').source:sub(2)))
package.path = here .. '/?.lua;' .. package.path

require('suggestions_test')
require('places_test')
require('builtin_test')
require('command_test')
require('setup_test')
require('harness').finish()

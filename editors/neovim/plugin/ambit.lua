-- What is there before anybody has called `setup`: the command, the keys' names, and the start once Neovim is up. The rest is
-- loaded when it is used.
if vim.g.loaded_ambit then
  return
end
vim.g.loaded_ambit = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('Ambit needs Neovim 0.11 or later; this one is older.', vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command('Ambit', function(call)
  require('ambit.command').run(call)
end, {
  nargs = '*',
  range = true,
  desc = 'Ambit: status, switches, questions and changes',
  complete = function(lead, line)
    return require('ambit.command').complete(lead, line)
  end,
})

for name, action in pairs(require('ambit.actions')) do
  vim.keymap.set(action.modes, ('<Plug>(ambit-%s)'):format(name), action.run, { desc = 'Ambit: ' .. action.says })
end

if vim.v.vim_did_enter == 1 then
  require('ambit').start()
else
  vim.api.nvim_create_autocmd('VimEnter', {
    once = true,
    callback = function()
      require('ambit').start()
    end,
  })
end

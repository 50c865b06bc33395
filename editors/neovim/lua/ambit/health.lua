-- `:checkhealth ambit`.

local locate = require('ambit.locate')
local options = require('ambit.options')
local server = require('ambit.server')

local M = {}

--- Plugins that take the key that accepts, and what to do then.
local PLUGINS = { 'blink.cmp', 'cmp', 'copilot', 'supermaven-nvim', 'codeium', 'coq' }

--- How long a server may take to answer here, in milliseconds.
local PATIENCE = 5000

local function neovim()
  vim.health.start('Neovim')
  local told = vim.version()
  local version = ('%d.%d.%d'):format(told.major, told.minor, told.patch)
  if vim.fn.has('nvim-0.11') == 1 then
    vim.health.ok('Neovim ' .. version)
  else
    vim.health.error('Neovim ' .. version .. ' is too old', { 'Install Neovim 0.11 or later.' })
  end
  if require('ambit.builtin').is_used() then
    vim.health.info('suggestions are shown by `vim.lsp.inline_completion`')
  else
    vim.health.info('suggestions are shown by Ambit itself, as virtual text')
  end
end

---@return string? path
local function programs()
  vim.health.start('Programs')
  local path = locate.server(options.current.command)
  if not path then
    local named = options.current.command
    vim.health.error(
      named and ('`command` names %s, which is no program'):format(named) or 'ambit-lsp was not found',
      { server.MISSING }
    )
    return
  end
  local run = vim.system({ path, '--version' }, { text = true, timeout = PATIENCE }):wait()
  if run.code ~= 0 then
    local said = vim.trim(run.stderr or '')
    vim.health.error(('%s does not run: %s'):format(path, said), { 'Install it anew, by `make install`.' })
    return
  end
  vim.health.ok(('%s: %s'):format(path, vim.trim(run.stdout)))
  local ambit = locate.ambit(path)
  if ambit then
    vim.health.ok(ambit .. ' starts a host where none runs')
  else
    vim.health.warn('`ambit` is neither beside ambit-lsp nor on PATH, so no host can be started', {
      'Install it beside ambit-lsp, by `make install`, or start a host by `ambit serve`.',
    })
  end
  return path
end

local function host()
  vim.health.start('Language server and host')
  local client = vim.lsp.get_clients({ name = server.NAME })[1]
  if not client then
    local why = options.current.enabled and 'it starts with the first file that has a name' or '`enabled` is false'
    return vim.health.info('the language server does not run: ' .. why)
  end
  local buffers = vim.tbl_count(client.attached_buffers)
  local text = 'the language server runs for %d buffer%s, and counts places in %s'
  vim.health.ok(text:format(buffers, buffers == 1 and '' or 's', client.offset_encoding))
  local standing = server.standing()
  if standing and standing.kind == 'Error' then
    return vim.health.error('the host does not answer: ' .. standing.message, { '`ambit doctor` tells more.' })
  end
  local told, failed
  server.ask_quietly(client, 'ambit.indexStatus', function(err, status)
    told, failed = status and status.text, err and err.message
  end)
  vim.wait(PATIENCE, function()
    return told ~= nil or failed ~= nil
  end, 20)
  if told then
    vim.health.ok('the host answers')
    vim.health.ok('its index: ' .. told)
    if told:match('^0 folders') then
      vim.health.warn('no folder is indexed', { '`ambit index add FOLDER` has answers know its files.' })
    end
  else
    local said = failed or (standing and standing.message) or 'it says nothing'
    vim.health.warn('the host is not ready: ' .. said, { 'It may be starting; try again in a moment.' })
  end
end

local function keys()
  vim.health.start('Keys')
  local accept = options.current.keys.accept
  if not accept then
    return vim.health.info('no key accepts a suggestion; `<Plug>(ambit-accept)` can be mapped')
  end
  local map = vim.fn.maparg(accept, 'i', false, true)
  if map.desc and vim.startswith(map.desc, 'Ambit: ') then
    vim.health.ok(accept .. ' accepts a suggestion, and does what it did before where there is none')
  else
    local taker = map.desc or map.rhs or 'a function'
    vim.health.warn(('%s is mapped to something else: %s'):format(accept, taker), {
      'Choose another key by `keys.accept`, or map `<Plug>(ambit-accept)` in what takes it.',
    })
  end
  local loaded = vim.tbl_filter(function(name)
    return package.loaded[name] ~= nil
  end, PLUGINS)
  if #loaded > 0 then
    vim.health.info(
      ('loaded as well, and may take %s in insert mode: %s'):format(accept, table.concat(loaded, ', '))
    )
  end
end

function M.check()
  neovim()
  if programs() then
    host()
  end
  keys()
end

return M

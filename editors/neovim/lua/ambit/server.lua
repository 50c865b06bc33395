-- The language server: how it is started, how it stands, and its client.

local locate = require('ambit.locate')
local options = require('ambit.options')

local M = {}

--- The name of the configuration and of its clients.
M.NAME = 'ambit'

--- How to get what is missing, for people.
M.MISSING = 'ambit-lsp was not found on PATH or in ~/.local/bin. `make install` in the source of Ambit puts it there; '
  .. 'the option `command` of require("ambit").setup names another place.'

--- What a server says of itself, in the words of Copilot's protocol.
---@class ambit.Standing
---@field kind 'Normal'|'Error'|'Warning'|'Inactive'
---@field busy boolean
---@field message string

--- What each client said last, by its id.
---@type table<integer, ambit.Standing>
local standings = {}

--- How often in a row a server ended by itself, and when it was started last.
local ends, started_at = 0, 0
local STEADY, ATTEMPTS = 60000, 8

--- The client of a buffer.
---@param buffer integer 0: the one in front
---@return vim.lsp.Client?
function M.client(buffer)
  buffer = buffer == 0 and vim.api.nvim_get_current_buf() or buffer
  local client = vim.lsp.get_clients({ name = M.NAME, bufnr = buffer })[1]
  return client and not client:is_stopped() and client or nil
end

--- Any client.
---@return vim.lsp.Client?
function M.any_client()
  return M.client(0) or vim.lsp.get_clients({ name = M.NAME })[1]
end

--- What the server of a buffer, or else any, said last.
---@return ambit.Standing?
function M.standing()
  local client = M.any_client()
  return client and standings[client.id]
end

--- Says something to people.
---@param text string
---@param level integer?
function M.say(text, level)
  vim.notify('Ambit: ' .. text, level or vim.log.levels.INFO)
end

--- What a server shows by itself is left out while somebody waits for it in another place.
local quiet = 0

--- Asks the server something, and tells people what failed.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param done fun(result: any)
---@param is_shown_by_us boolean? whether the server need not show it
---@param failed (fun(err: table): boolean)? whether a failure was made good
function M.request(client, method, params, done, is_shown_by_us, failed)
  -- What fails is told here, so it need not be shown by the server as well.
  local is_quiet = is_shown_by_us or method == 'codeAction/resolve'
  quiet = quiet + (is_quiet and 1 or 0)
  client:request(method, params, function(err, result)
    quiet = quiet - (is_quiet and 1 or 0)
    if not err then
      done(result)
    elseif not (failed and failed(err)) then
      M.say(err.message, vim.log.levels.WARN)
    end
  end, 0)
end

--- Has the server do a command.
---@param client vim.lsp.Client
---@param command string
---@param arguments any[]
---@param done fun(result: any)
---@param is_shown_by_us boolean?
function M.execute(client, command, arguments, done, is_shown_by_us)
  M.request(client, 'workspace/executeCommand', { command = command, arguments = arguments }, done, is_shown_by_us)
end

--- Has the server do a command, and tells nobody but the caller.
---@param client vim.lsp.Client
---@param command string
---@param done fun(err: table?, result: any)
function M.ask_quietly(client, command, done)
  quiet = quiet + 1
  client:request('workspace/executeCommand', { command = command, arguments = {} }, function(err, result)
    quiet = quiet - 1
    done(err, result)
  end)
end

--- Tells all servers the settings as they are now.
function M.tell_settings()
  local settings = options.for_server()
  vim.lsp.config(M.NAME, { settings = settings })
  for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME })) do
    client.settings = settings
    client:notify('workspace/didChangeConfiguration', { settings = settings })
  end
  if options.current.enabled and vim.lsp.is_enabled(M.NAME) then
    M.start()
  end
  vim.cmd.redrawstatus({ bang = true })
end

local has_complained = false

--- Whether the server can be had; says once what to do where it cannot.
local function is_there()
  if locate.server(options.current.command) then
    return true
  end
  if not has_complained then
    has_complained = true
    local named = options.current.command
    local text = named and named .. ' is no program' or 'ambit-lsp was not found'
    vim.schedule(function()
      -- Short, and in the place of what was said before, so that nobody has to press a key before they can go on.
      vim.cmd.redraw()
      M.say(text .. '; `:checkhealth ambit` says what to do', vim.log.levels.WARN)
    end)
  end
  return false
end

--- What marks the folder that a project is in.
local MARKERS = { { '.git', '.hg', '.jj', '.svn' }, { 'Cargo.toml', 'package.json', 'pyproject.toml', 'go.mod' } }

--- Calls back with the folder of a buffer's project, unless Ambit has nothing to do there.
---@param buffer integer
---@param on_dir fun(root: string?)
local function root(buffer, on_dir)
  local path = vim.api.nvim_buf_get_name(buffer)
  -- Neovim gives all buffers without a name the same URI, and plugins give theirs schemes of their own.
  if path == '' or path:match('^%w[%w+.-]+://') or not options.current.enabled or not is_there() then
    return
  end
  local found = vim.fs.root(buffer, MARKERS[1]) or vim.fs.root(buffer, MARKERS[2])
  -- A home folder that is kept in a repository is no project.
  on_dir(found ~= vim.uv.os_homedir() and found or nil)
end

--- Folders that came while a server was starting, by its client.
---@type table<integer, table[]>
local waiting = {}

---@param client vim.lsp.Client
---@param folders table[]
local function tell_folders(client, folders)
  client:notify('workspace/didChangeWorkspaceFolders', { event = { added = folders, removed = {} } })
end

--- One process serves all folders: one that is new is told to it.
---@param client vim.lsp.Client
---@param config vim.lsp.ClientConfig
local function reuse(client, config)
  if client.name ~= M.NAME or client:is_stopped() then
    return false
  end
  local folder = config.root_dir and { uri = vim.uri_from_fname(config.root_dir), name = config.root_dir }
  local known = client.workspace_folders or {}
  local is_known = vim.iter(known):any(function(other)
    return folder and other.uri == folder.uri
  end)
  if folder and not is_known then
    client.workspace_folders = vim.list_extend(vim.deepcopy(known), { folder })
    if client.initialized then
      tell_folders(client, { folder })
    else
      waiting[client.id] = vim.list_extend(waiting[client.id] or {}, { folder })
    end
  end
  return true
end

--- Starts a server that ended by itself anew, later each time, until it is of no use.
local function ended(code, signal, client_id)
  standings[client_id] = nil
  if vim.v.exiting ~= vim.NIL or (code == 0 and signal == 0) or not vim.lsp.is_enabled(M.NAME) then
    return
  end
  ends = vim.uv.now() - started_at >= STEADY and 1 or ends + 1
  if ends > ATTEMPTS then
    vim.schedule(function()
      M.say('the language server ends again and again; `:Ambit log` tells why, `:Ambit restart` tries anew', 3)
    end)
    return
  end
  vim.defer_fn(M.start, math.min(500 * 2 ^ (ends - 1), 30000))
end

--- The configuration of `lsp/ambit.lua`.
---@return vim.lsp.Config
function M.config()
  local version = vim.version()
  return {
    cmd = function(dispatchers)
      started_at = vim.uv.now()
      return vim.lsp.rpc.start({ assert(locate.server(options.current.command), M.MISSING), '--stdio' }, dispatchers)
    end,
    root_dir = root,
    reuse_client = reuse,
    settings = options.for_server(),
    init_options = {
      editorInfo = { name = 'Neovim', version = ('%d.%d.%d'):format(version.major, version.minor, version.patch) },
    },
    on_init = function(client)
      tell_folders(client, waiting[client.id] or {})
      waiting[client.id] = nil
    end,
    on_exit = ended,
    on_attach = function(client, buffer)
      require('ambit.suggestions').attach(client, buffer)
    end,
    handlers = {
      didChangeStatus = function(_, standing, context)
        standings[context.client_id] = standing
        vim.cmd.redrawstatus({ bang = true })
        if standing.kind == 'Normal' and not standing.busy then
          -- Who is typing meanwhile need not wait for the next key.
          require('ambit.suggestions').follow()
        end
      end,
      ['window/showMessage'] = function(_, params)
        if quiet == 0 then
          local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }
          M.say(params.message, levels[params.type])
        end
        return vim.NIL
      end,
    },
    commands = {
      ['ambit.explain'] = function(command, context)
        require('ambit.write').explain(assert(vim.lsp.get_client_by_id(context.client_id)), command.arguments)
      end,
    },
  }
end

--- Starts the server for all buffers that are open, and for those to come.
function M.start()
  vim.lsp.enable(M.NAME)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      M.start_for_plain(buffer)
    end
  end
end

--- Neovim starts servers by file types, and some files have none.
---@param buffer integer
function M.start_for_plain(buffer)
  local bo = vim.bo[buffer]
  if bo.filetype ~= '' or bo.buftype ~= '' or not vim.lsp.is_enabled(M.NAME) or M.client(buffer) then
    return
  end
  root(buffer, function(folder)
    local config = vim.tbl_extend('force', vim.lsp.config[M.NAME], { root_dir = folder })
    vim.lsp.start(config, { bufnr = buffer, reuse_client = reuse })
  end)
end

--- Ends all servers and starts one anew.
function M.restart()
  ends, has_complained = 0, false
  local clients = vim.lsp.get_clients({ name = M.NAME })
  for _, client in ipairs(clients) do
    client:stop()
  end
  vim.wait(3000, function()
    return vim.iter(clients):all(function(client)
      return client:is_stopped()
    end)
  end)
  M.start()
end

return M

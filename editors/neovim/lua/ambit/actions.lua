-- What keys can do. The names are those of the option `keys` (with `_`) and of `<Plug>(ambit-…)`.

---@class ambit.Action
---@field modes string[] where it can be mapped
---@field says string what it does, for people
---@field applies fun(): boolean whether there is something for it to do; where not, a key keeps its usual meaning
---@field run fun()

local function suggestions()
  return require('ambit.suggestions')
end

local function is_shown()
  return suggestions().is_shown()
end

---@param part ambit.Part
local function accept(part)
  return function()
    suggestions().accept(part)
  end
end

---@param by integer
local function choose(by)
  return function()
    suggestions().choose(by)
  end
end

---@type table<string, ambit.Action>
return {
  accept = { modes = { 'i' }, says = 'take the suggestion', applies = is_shown, run = accept('all') },
  ['accept-word'] = { modes = { 'i' }, says = 'take its next word', applies = is_shown, run = accept('word') },
  ['accept-line'] = { modes = { 'i' }, says = 'take its next line', applies = is_shown, run = accept('line') },
  next = { modes = { 'i' }, says = 'show the next suggestion', applies = is_shown, run = choose(1) },
  previous = { modes = { 'i' }, says = 'show the previous suggestion', applies = is_shown, run = choose(-1) },
  dismiss = {
    modes = { 'i', 'n' },
    says = 'put away what is suggested',
    applies = function()
      return is_shown() or require('ambit.next_edit').is_shown()
    end,
    run = function()
      suggestions().dismiss()
      require('ambit.next_edit').dismiss()
    end,
  },
  suggest = {
    modes = { 'i' },
    says = 'ask for suggestions',
    applies = function()
      return require('ambit.server').client(0) ~= nil
    end,
    run = function()
      suggestions().ask()
    end,
  },
  ['next-edit'] = {
    modes = { 'i', 'n' },
    says = 'go to the next edit, or make it',
    applies = function()
      return require('ambit.next_edit').is_shown()
    end,
    run = function()
      require('ambit.next_edit').go()
    end,
  },
}

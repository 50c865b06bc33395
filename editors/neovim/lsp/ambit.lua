-- How Neovim starts `ambit-lsp`. What `vim.lsp.config('ambit', …)` says elsewhere is put over it.
return require('ambit.server').config()

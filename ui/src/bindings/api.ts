// Generated from docs/openapi.json by `npm run bindings`. Do not edit.

export interface paths {
    "/api/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Chat
         * @description As `/api/generate`, but with a conversation.
         */
        post: operations["ollama_chat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/embed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Turn texts into vectors
         * @description By the model that the index uses, whatever name is given; names of other models here are refused.
         */
        post: operations["ollama_embed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Turn a text into a vector
         * @description The older form of `/api/embed`.
         */
        post: operations["ollama_embeddings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/generate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with a text, answer a question, or fill a gap in a text
         * @description The model alone writes, without looking anything up. Unless `stream` is false, lines of JSON: pieces of the text, the
         *     last one with `done` and what it cost; a failure is a line with an `error`. Closing the connection cancels the text.
         */
        post: operations["ollama_generate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/show": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** One model */
        post: operations["ollama_show"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The models that can be asked */
        get: operations["ollama_tags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The version of Ollama whose API is spoken */
        get: operations["ollama_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/answers/{turn}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow an answer
         * @description The events of an answer that is being made, whoever asked: those that were, in short, and then as they come.
         */
        get: operations["follow_answer"];
        put?: never;
        post?: never;
        /**
         * Stop an answer
         * @description Whoever asked. What there is of it is stored.
         */
        delete: operations["stop_answer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ask": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask
         * @description A stream of events: `started`, `recalled`, any number of `text`, and at the end `finished` or `failed`. Closing the
         *     connection cancels the turn, unless it `goes_on`.
         */
        post: operations["ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ask/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * See what a language model would be asked
         * @description Word for word, as things stand, with what would be kept from it and why it would not be sent. Nothing is stored, and nothing
         *     leaves this machine.
         */
        post: operations["preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attachments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand a file over for a conversation
         * @description It is read at once, and can be asked about by naming it in `about` of a question. Afterwards it is found in that
         *     conversation and in no other.
         */
        post: operations["add_attachment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attachments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file that was handed over */
        get: operations["show_attachment"];
        put?: never;
        post?: never;
        /** Take back a file that no question is about */
        delete: operations["remove_attachment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit log, newest first */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write a copy of the state
         * @description To a new file on this machine, with attached files, without the derived stores: they are made anew after a restore.
         */
        post: operations["backup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Chat
         * @description The model alone answers, without looking anything up; the tools that it asks for are for the caller to call. With `stream`, events without a name: pieces of the answer, and at
         *     the end `[DONE]`; a failure is an event with an `error`. Closing the connection cancels the answer.
         */
        post: operations["create_chat_completion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/completion/failed-commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell that a command failed
         * @description For some minutes it counts for the code that is typed next, where the setting `completion.context` names `commands`;
         *     otherwise nothing is kept of it. Ambit holds it in memory, and shows it to models of this machine alone.
         */
        post: operations["note_failed_command"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/completion/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How suggestions in editors fared
         * @description And what was learnt from it on this machine: when to suggest nothing. It holds no text and no path, and never leaves the
         *     machine.
         */
        get: operations["completion_stats"];
        put?: never;
        post?: never;
        /**
         * Forget how suggestions fared, and what was learnt
         * @description From then on all that is probable enough is suggested again.
         */
        delete: operations["reset_completion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with a text, or fill a gap in it
         * @description With a `suffix`, what stands between it and the `prompt`, by models that are trained for it. Streams as
         *     `/v1/chat/completions` does.
         */
        post: operations["create_completion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/documents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Documents, by path */
        get: operations["list_documents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/documents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One document with its passages */
        get: operations["show_document"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/editor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An editor's line
         * @description A WebSocket. Each text frame of the caller is a `FromEditor`, the first one `hello`; each of the host is a `ToEditor`.
         */
        get: operations["editor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/egress": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was sent to providers of language models, newest first */
        get: operations["list_transmissions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/egress/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of what was sent, word for word */
        get: operations["show_transmission"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/egress/{id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Erase the content of what was sent
         * @description That it was sent, when, to whom and how much stays known.
         */
        delete: operations["erase_transmission"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Turn texts into vectors
         * @description By the model that the index uses, whatever name is given; names of other models here are refused. A text that is too long is refused.
         */
        post: operations["create_embedding"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Memories, sessions, preferences and folders as one document */
        get: operations["export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/forget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove a source everywhere
         * @description Text, vectors, facts, memories learned from it and answers that quote it, with all their history. Later scans leave
         *     the source out.
         */
        post: operations["forget"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/graph/communities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Groups of documents that refer to each other, the largest first */
        get: operations["list_communities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/graph/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the knowledge graph in SPARQL
         * @description With `Accept: application/sparql-results+json` the answer has the W3C's form.
         */
        post: operations["query_graph"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the host is there
         * @description Needs no token and tells nothing but the version.
         */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/host/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the host to stop
         * @description It stops listening, answers what it has begun, and leaves the data directory to its successor.
         */
        post: operations["drain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/index/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far indexing has come, as it goes on
         * @description Events named `progress`, the first at once. The stream ends when the host stops.
         */
        get: operations["follow_index"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/index/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make derived stores anew
         * @description The stores are emptied, then filled in the background from the stored text; meanwhile files are found by keyword.
         */
        post: operations["rebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/index/rescan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Compare indexed folders with the disk again */
        post: operations["rescan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/index/roots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The indexed folders */
        get: operations["list_roots"];
        put?: never;
        /**
         * Index a folder
         * @description Answers at once; the files are read in the background. A folder that is indexed already is answered as it stands.
         */
        post: operations["add_root"];
        /** Take a folder out of the index */
        delete: operations["remove_root"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/index/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How each file stands */
        get: operations["list_files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/index/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The states of the vectors that one can go back to */
        get: operations["list_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/index/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go back to an earlier state of the vectors
         * @description Text and graph stay as they are. What changed since is applied again in the background.
         */
        post: operations["restore_version"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is remembered, newest first */
        get: operations["list_memories"];
        put?: never;
        /** Remember something */
        post: operations["add_memory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forget a memory */
        delete: operations["remove_memory"];
        options?: never;
        head?: never;
        /** Change a memory */
        patch: operations["edit_memory"];
        trace?: never;
    };
    "/v1/mentions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a question may name: files and folders by their names, memories by their words */
        get: operations["list_mentionable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description In the OpenMetrics text format: requests by route and status with a histogram of their duration, and the state of the
         *     index, the models and the host.
         */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All known models
         * @description `models` is for Ambit's own clients, `object` and `data` are for OpenAI's: `data` has the models that can be asked. Who
         *     holds `chat` but not `read` gets these alone.
         */
        get: operations["list_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One model
         * @description What its files tell, where they came from, and whether it fits into the memory that is free now.
         */
        get: operations["show_model"];
        put?: never;
        post?: never;
        /** Remove a model's files */
        delete: operations["remove_model"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{id}/pull": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a model on its way here
         * @description The events of a pull, from its beginning in short, and then as they come.
         */
        get: operations["follow_pull"];
        put?: never;
        /**
         * Get a model's files
         * @description A stream of events: `planned`, `progress` and `verified` for each file, and at the end `finished` or `failed`. Closing
         *     the connection stops, unless it `goes_on`; the next call resumes, or joins what is on its way.
         */
        post: operations["pull_model"];
        /**
         * Stop a model on its way here
         * @description Whoever asked for it. What has come stays, and the next call resumes.
         */
        delete: operations["stop_pull"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pages that are kept, the last saved first */
        get: operations["list_pages"];
        put?: never;
        /**
         * Keep a page of the web
         * @description Its text is written to a file in the data directory, which is indexed: it is found from now on, and takes the place of what was
         *     kept of the same address.
         */
        post: operations["save_page"];
        /** Remove a page that was saved, with all that was read from it */
        delete: operations["remove_page"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Servers of language models that people run */
        get: operations["list_providers"];
        put?: never;
        /**
         * Add a server of language models
         * @description Nothing is sent to it by this. One on another machine gets nothing before the user consents, and no passages but those
         *     of folders that are allowed for it.
         */
        post: operations["add_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a server of language models, with its key */
        delete: operations["remove_provider"];
        options?: never;
        head?: never;
        /**
         * Change a server of language models
         * @description Consent holds for the address that it was given for, and the key for its host: one for another host is taken away.
         */
        patch: operations["change_provider"];
        trace?: never;
    };
    "/v1/providers/{name}/consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Consent to send to a provider on another machine */
        put: operations["consent"];
        post?: never;
        /** Take the consent back */
        delete: operations["withdraw_consent"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{name}/folders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let passages of a folder be sent to a provider */
        post: operations["allow_folder"];
        /** No longer let passages of a folder be sent to a provider */
        delete: operations["disallow_folder"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{name}/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Keep the key of a provider */
        put: operations["set_key"];
        post?: never;
        /** Take the key of a provider away */
        delete: operations["remove_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pulls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models on their way here */
        get: operations["list_pulls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Answer
         * @description The model alone answers, without looking anything up. Nothing is stored: an answer cannot be asked for again or gone on
         *     with by its id. Closing the connection cancels the answer.
         */
        post: operations["create_response"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Search
         * @description Fuses keywords, meaning and the knowledge graph, and says when nothing relevant was found.
         */
        post: operations["search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Conversations, those that are pinned first and then the last changed */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One conversation with its turns */
        get: operations["show_session"];
        put?: never;
        post?: never;
        /** Remove a conversation with its turns */
        delete: operations["remove_session"];
        options?: never;
        head?: never;
        /**
         * Change a conversation
         * @description Its name, its place in lists, and what answers in it.
         */
        patch: operations["change_session"];
        trace?: never;
    };
    "/v1/sessions/{id}/fork": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on from a conversation in a new one
         * @description The new one begins with the turns of the other that have ended, or those through one of them. The other stays as it is.
         */
        post: operations["fork_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring back what a question took the place of
         * @description That question and those after it leave their place, and come last of what can be brought back there: so all of it comes
         *     round.
         */
        post: operations["restore_turns"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take in chats of ChatGPT or Claude
         * @description From the zip archive that the service sent, or `conversations.json` from it: a file of this machine, or one that was
         *     uploaded. A chat that is here already gets what it has not; the same file again adds nothing. A stream of events:
         *     `progress`, and at the end `finished` or `failed`. Closing the connection stops it; what was taken stays.
         */
        post: operations["import_sessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Conversations by what their questions and answers say */
        get: operations["find_turns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All settings */
        get: operations["list_settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/settings/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a setting */
        put: operations["set_setting"];
        post?: never;
        /**
         * Take back what was set
         * @description The value of the configuration files, the environment or the default counts again.
         */
        delete: operations["reset_setting"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the host stands */
        get: operations["status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suggested-models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Language models to choose from
         * @description From small to large, with how each fits into the memory that is free now, and which is best. Nothing is fetched for it.
         */
        get: operations["suggest_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tokens, without their secrets */
        get: operations["list_tokens"];
        put?: never;
        /**
         * Make a token
         * @description The secret is told this once. A token cannot make one that allows more than itself.
         */
        post: operations["create_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a token */
        delete: operations["remove_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link to the page
         * @description `ADDRESS/#code=CODE` opens the page in a browser of this machine, once, within a minute. The page exchanges the code for a
         *     token that lasts a week and holds the scopes read, chat, save and manage, as far as the caller holds them. With
         *     `purpose=browser` the code is for the extension of a browser that can start no program of the system: its token allows to
         *     read, chat and save until it is removed. A host that listens on no TCP port opens one of this machine, and keeps it open.
         */
        post: operations["create_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/exchange": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a code for a token
         * @description Needs no token. The code is used up by it. What is wrong with a code that is refused is not told.
         */
        post: operations["exchange_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/own": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Give a token back
         * @description Removes the token that the request carries, as an extension does that is no longer to be paired.
         */
        delete: operations["remove_own_token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/updates/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look for a newer version
         * @description At the address of the setting `updates.address`, whose list counts only with the signature of who publishes it. It is told of,
         *     and never installed.
         */
        post: operations["check_update"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to send a file
         * @description For a client that has no path to give. It lies on this machine until it is used or given up, at most until the host ends,
         *     or nothing was sent of it for an hour; of more than a few the oldest go.
         */
        post: operations["begin_upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the next piece of a file */
        post: operations["append_to_upload"];
        /** Give a file up that was being sent */
        delete: operations["remove_upload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An answer with everything that it came from. */
        Answer: {
            /**
             * Format: int64
             * @description Bytes that left the machine for this answer.
             */
            bytes_sent: number;
            /** @description What the marks stand for, in order. */
            citations: components["schemas"]["Citation"][];
            /** @description Id of the model that embedded the question, when one did. */
            embedder?: string | null;
            /** @description Ids of memories that were considered. */
            memories: string[];
            /** @description How it was made. */
            origin: components["schemas"]["AnswerOrigin"];
            /** @description The text with `[n]` marks. */
            text: string;
        };
        /** @description How an answer was made. */
        AnswerOrigin: {
            /** @enum {string} */
            kind: "extractive";
        } | {
            /** @enum {string} */
            kind: "model";
            /** @description Id of the model. */
            model: string;
        } | {
            /** @enum {string} */
            kind: "nothing-found";
        } | {
            /** @description The service and, where the export tells it, its model: `chatgpt/gpt-4o`. */
            by: string;
            /** @enum {string} */
            kind: "imported";
        };
        /**
         * @description What happens while a question is answered, in this order: `started`, `recalled`, any number of `text`, and at the
         *     end either `finished` or `failed`.
         */
        AskEvent: {
            /** @enum {string} */
            event: "started";
            /** @description The session. */
            session: string;
            /** @description The turn. */
            turn: string;
        } | {
            /** @description Parts that could not take part, each with the reason. */
            degraded: string[];
            /** @enum {string} */
            event: "recalled";
            /** @description Memories that count. */
            memories: components["schemas"]["Memory"][];
            /** @description What was found, best first. */
            passages: components["schemas"]["Hit"][];
            /** @description Whether the passages answer. */
            relevance: components["schemas"]["Relevance"];
        } | {
            /** @enum {string} */
            event: "text";
            /** @description To be appended to what came before. */
            text: string;
        } | {
            /** @enum {string} */
            event: "finished";
            /** @description The turn with its answer. */
            turn: components["schemas"]["Turn"];
        } | {
            /** @enum {string} */
            event: "failed";
            /** @description Why. */
            problem: components["schemas"]["Problem"];
        };
        /** @description What a language model would be asked. Nothing of it was stored or sent. */
        AskPreview: {
            /**
             * Format: int64
             * @description Bytes that would be sent to the provider, with all that its API adds.
             */
            bytes?: number | null;
            /** @description The files that they are from, as this machine knows them; the model is told their names alone when it runs elsewhere. */
            files: string[];
            /**
             * Format: int32
             * @description Passages that were found and would be kept from the model.
             */
            held_back: number;
            /**
             * Format: int32
             * @description Images that would be shown with the last message.
             */
            images: number;
            /** @description The messages; none: the model would not be asked, since nothing was found that it may be told. */
            messages: components["schemas"]["PreviewMessage"][];
            /** @description The model that would answer, when there is one. */
            model?: string | null;
            objection?: components["schemas"]["Problem"] | null;
            /**
             * Format: int32
             * @description Passages that are quoted in the last message.
             */
            passages: number;
            /** @description The provider that would get it, when it would leave this machine. */
            provider?: string | null;
        };
        /** @description A question. */
        AskRequest: {
            /**
             * @description What the question is about, at most 32 things. Where files, folders or attached texts are among them, the answer stands
             *     on these and on no other files.
             */
            about?: components["schemas"]["Mention"][];
            /**
             * @description Whether the answer is made to its end when the connection closes after `started`: `GET /v1/answers/{turn}` tells it
             *     again, and `DELETE` stops it.
             */
            goes_on?: boolean;
            /**
             * Format: int32
             * @description How many passages the answer may stand on; 1 to 50, the host's setting when absent.
             */
            limit?: number | null;
            /**
             * @description The language model that is to answer, by its name; when absent that of the session, or else the chosen one. A new
             *     session keeps it.
             */
            model?: string | null;
            /** @description The id that a new session gets: a UUID that no session has. One is made up when absent. */
            new_session?: string | null;
            /** @description Whether no model may answer that runs on another machine. A new session keeps it. */
            only_local?: boolean;
            /** @description In plain language; 1 to 8000 characters once trimmed. */
            question: string;
            /** @description A turn of the session whose place this question takes, and that of those after it. They can be brought back. */
            replaces?: string | null;
            scope?: components["schemas"]["SearchScope"] | null;
            /** @description The session to go on with; a new one begins when absent. */
            session?: string | null;
        };
        /**
         * @description A file that was handed over. It goes with the last conversation that has a question about it, and after a day when there is
         *     none.
         */
        Attachment: {
            /** @description The content in base64, where it was asked for. */
            content?: string | null;
            /** @description The attachment. */
            id: string;
            /** @description The media type, when it is an image: models are shown it. Anything else was read, and is searched. */
            image?: string | null;
            /** @description The file's name. */
            name: string;
            /** @description The path by which documents and citations know it. */
            path: string;
            /**
             * Format: int64
             * @description Bytes of the file.
             */
            size: number;
        };
        /** @description A page of the audit log. */
        AuditPage: {
            /**
             * Format: int64
             * @description `before` for the next page, when there may be more.
             */
            next?: number | null;
            /** @description The records, newest first. */
            records: components["schemas"]["AuditRecord"][];
        };
        /** @description An entry of the audit log: ids and keyed digests, never content. */
        AuditRecord: {
            /** @description What was done: `root.add`, `session.ask`, `source.forget`. */
            action: string;
            /** @description Who acted: a surface or `host`. */
            actor: string;
            /** @description BLAKE3 over the record before and this one, in hexadecimal. */
            chain: string;
            /** @description Small facts: counts, ids, bytes sent. */
            detail: unknown;
            /**
             * Format: int64
             * @description Its place, from 1, without gaps.
             */
            number: number;
            /** @description To what: an id or a digest. */
            subject: string;
            /**
             * Format: int64
             * @description When it was written: before the action.
             */
            written_at: number;
        };
        /**
         * @description What slows work in the background down, or has it rest.
         * @enum {string}
         */
        BackgroundCause: "user" | "battery" | "profile" | "memory" | "heat" | "other";
        /**
         * @description The pace of work in the background, whether or not there is any to do.
         * @enum {string}
         */
        BackgroundState: "working" | "slowed" | "resting" | "other";
        /** @description How work in the background may go on at present. */
        BackgroundStatus: {
            cause?: components["schemas"]["BackgroundCause"] | null;
            /** @description The same, for people. */
            reason?: string | null;
            /** @description Its pace. */
            state: components["schemas"]["BackgroundState"];
        };
        /** @description A copy of the state that was written. */
        Backup: {
            /** @description The file. */
            path: string;
            /**
             * Format: int64
             * @description Its bytes.
             */
            size: number;
        };
        /** @description A copy of the state that is to be written. */
        BackupRequest: {
            /** @description Absolute path of a file that does not exist yet, on this machine. */
            path: string;
        };
        /** @description Of tokens that were read, those that were not read anew. */
        CachedTokens: {
            /**
             * Format: int64
             * @description How many, since a text that was read before began alike.
             */
            cached_tokens: number;
        };
        /** @description A function with the arguments for a call. */
        CalledFunction: {
            /** @description Its arguments in JSON, as the model wrote them. */
            arguments: string;
            /** @description Its name. */
            name: string;
        };
        /** @description An answer. */
        ChatCompletion: {
            /** @description The answer, one. */
            choices: components["schemas"]["ChatCompletionChoice"][];
            /**
             * Format: int64
             * @description When it was begun.
             */
            created: number;
            /** @description The id of the answer. */
            id: string;
            /** @description Id of the model. */
            model: string;
            /** @description `chat.completion`. */
            object: string;
            /** @description What it cost. */
            usage: components["schemas"]["TokenUsage"];
        };
        /** @description One answer. */
        ChatCompletionChoice: {
            /** @description Why it ended: `stop`, `length`, or `tool_calls` when tools are to be called. */
            finish_reason: string;
            /**
             * Format: int32
             * @description 0.
             */
            index: number;
            logprobs?: components["schemas"]["ChoiceLogprobs"] | null;
            /** @description What the model says. */
            message: components["schemas"]["ChatCompletionReply"];
        };
        /** @description A piece of an answer. */
        ChatCompletionChunk: {
            /** @description The piece; none in the chunk that tells the cost. */
            choices: components["schemas"]["ChatCompletionStep"][];
            /**
             * Format: int64
             * @description When the answer was begun.
             */
            created: number;
            /** @description The id of the answer, the same in all pieces. */
            id: string;
            /** @description Id of the model. */
            model: string;
            /** @description `chat.completion.chunk`. */
            object: string;
            usage?: components["schemas"]["TokenUsage"] | null;
        };
        /** @description What is new. */
        ChatCompletionDelta: {
            /** @description To be appended to what came before. */
            content?: string | null;
            /** @description `assistant`, in the first piece. */
            role?: string | null;
            /** @description Tools that are to be called. */
            tool_calls?: components["schemas"]["ChatToolCallDelta"][] | null;
        };
        /** @description A message of a conversation. */
        ChatCompletionMessage: {
            content?: components["schemas"]["MessageContent"] | null;
            /** @description Who speaks: `system`, `developer`, `user`, `assistant` or `tool`. */
            role: string;
            /** @description Of a tool's message: the call that it answers. */
            tool_call_id?: string | null;
            /** @description Calls of tools that the assistant made. */
            tool_calls?: components["schemas"]["ChatToolCall"][] | null;
        };
        /** @description What the model says. */
        ChatCompletionReply: {
            /** @description The text; null when there are only calls. */
            content?: string | null;
            /** @description `assistant`. */
            role: string;
            /** @description The tools that are to be called. */
            tool_calls?: components["schemas"]["ChatToolCall"][] | null;
        };
        /** @description A conversation to be gone on with. */
        ChatCompletionRequest: {
            /**
             * Format: float
             * @description -2 to 2, 0 when absent: makes tokens less likely the more often the model wrote them.
             */
            frequency_penalty?: number | null;
            /** @description Whether the probabilities of the tokens are told. */
            logprobs?: boolean | null;
            /**
             * Format: int32
             * @description At most so many tokens are written; as many as the model's context holds when absent.
             */
            max_completion_tokens?: number | null;
            /**
             * Format: int32
             * @description The older name of `max_completion_tokens`.
             */
            max_tokens?: number | null;
            /** @description The conversation so far, oldest first. */
            messages: components["schemas"]["ChatCompletionMessage"][];
            /** @description Id of the model; the chosen one when absent. */
            model?: string | null;
            /** @description Besides OpenAI's: whether a model that runs on another machine is refused. False when absent. */
            only_local?: boolean | null;
            /**
             * Format: float
             * @description -2 to 2, 0 when absent: makes tokens less likely that the model wrote.
             */
            presence_penalty?: number | null;
            response_format?: components["schemas"]["ResponseFormat"] | null;
            /**
             * Format: int64
             * @description Makes the same request give the same answer.
             */
            seed?: number | null;
            stop?: components["schemas"]["Texts"] | null;
            /** @description Whether the answer comes in pieces. */
            stream?: boolean | null;
            stream_options?: components["schemas"]["StreamOptions"] | null;
            /**
             * Format: float
             * @description 0 to 2, 1 when absent.
             */
            temperature?: number | null;
            /** @description `auto` (when absent), `none`, `required`, or `{"type": "function", "function": {"name": …}}`. */
            tool_choice?: unknown;
            /** @description The tools that the model may ask for. Not all models know of tools; those refuse them by name. */
            tools?: components["schemas"]["ChatTool"][] | null;
            /**
             * Format: int32
             * @description Of how many of the likeliest tokens at each place they are told besides: 0 to 20.
             */
            top_logprobs?: number | null;
            /**
             * Format: float
             * @description Above 0, at most 1; 1 when absent.
             */
            top_p?: number | null;
        };
        /** @description One piece. */
        ChatCompletionStep: {
            /** @description What is new. */
            delta: components["schemas"]["ChatCompletionDelta"];
            /** @description Why the answer ended, in its last piece. */
            finish_reason?: string | null;
            /**
             * Format: int32
             * @description 0.
             */
            index: number;
            logprobs?: components["schemas"]["ChoiceLogprobs"] | null;
        };
        /** @description A function that the model may ask for. */
        ChatFunction: {
            /** @description What it does, for the model. */
            description?: string | null;
            /** @description Its name: letters and digits, `_`, `-` and `.`. */
            name: string;
            /** @description The JSON schema of the object with its arguments; none when absent. */
            parameters?: unknown;
        };
        /** @description A tool that the model may ask for. */
        ChatTool: {
            function?: components["schemas"]["ChatFunction"] | null;
            /** @description `function`; other kinds are not taken. */
            type: string;
        };
        /** @description A call of a function that the model asks for. */
        ChatToolCall: {
            /** @description The function with its arguments. */
            function: components["schemas"]["CalledFunction"];
            /** @description By which the tool's message names the call. */
            id: string;
            /** @description `function`. */
            type: string;
        };
        /** @description A call in a piece of an answer; each call comes whole. */
        ChatToolCallDelta: {
            /** @description The function with its arguments. */
            function: components["schemas"]["CalledFunction"];
            /** @description By which the tool's message names the call. */
            id: string;
            /**
             * Format: int32
             * @description Which call of the answer, from 0.
             */
            index: number;
            /** @description `function`. */
            type: string;
        };
        /** @description The probabilities of the tokens of an answer. */
        ChoiceLogprobs: {
            /** @description The tokens, in order. */
            content: components["schemas"]["TokenLogprob"][];
        };
        /** @description A source of an answer, in the version that was read. */
        Citation: {
            /** @description The fragment that leads to it, without `#`. */
            anchor?: string | null;
            /** @description The headings above the passage, outermost first. */
            breadcrumb: string[];
            /**
             * Format: int64
             * @description Its document.
             */
            document: number;
            /** @description Whether its content came from outside, such as from a page of the web: whoever wrote it may mean ill. */
            from_outside?: boolean;
            /** @description BLAKE3 of the file that was read, in hexadecimal: the version. */
            hash: string;
            /**
             * Format: int32
             * @description The number of its mark, from 1.
             */
            number: number;
            /**
             * Format: int64
             * @description The passage; it may be gone by now.
             */
            passage: number;
            /** @description Absolute path of the document. */
            path: string;
            /** @description Score by part. */
            scores: components["schemas"]["Scores"];
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description The title of the document. */
            title?: string | null;
        };
        /** @description A code to be exchanged. */
        CodeExchange: {
            /** @description The code. */
            code: components["schemas"]["Secret"];
        };
        /** @description Documents that refer to each other more than to others. */
        Community: {
            /** @description Its most central documents, the most central first. */
            members: components["schemas"]["CommunityMember"][];
            /**
             * Format: int64
             * @description How many documents it has.
             */
            size: number;
        };
        /** @description Groups of documents, the largest first. */
        CommunityList: {
            /** @description The groups. */
            communities: components["schemas"]["Community"][];
        };
        /** @description A document of a group. */
        CommunityMember: {
            /**
             * Format: float
             * @description How much other documents refer to it, 0 to 1 over all documents (PageRank, by that of the first).
             */
            centrality: number;
            /** @description Where the document is. */
            path: string;
            /** @description Its title, where it has one. */
            title?: string | null;
        };
        /** @description What a compiler says about a line. */
        Complaint: {
            /**
             * Format: int32
             * @description The line, from 0.
             */
            line: number;
            /** @description In words. */
            message: string;
        };
        /** @description A text, or a piece of it. */
        Completion: {
            /** @description The text, one; none in the piece that tells the cost. */
            choices: components["schemas"]["CompletionChoice"][];
            /**
             * Format: int64
             * @description When it was begun.
             */
            created: number;
            /** @description The id of the text, the same in all pieces. */
            id: string;
            /** @description Id of the model. */
            model: string;
            /** @description `text_completion`. */
            object: string;
            usage?: components["schemas"]["TokenUsage"] | null;
        };
        /** @description One text. */
        CompletionChoice: {
            /** @description Why it ended, `stop` or `length`; null in all pieces but the last. */
            finish_reason?: string | null;
            /**
             * Format: int32
             * @description 0.
             */
            index: number;
            logprobs?: components["schemas"]["CompletionLogprobs"] | null;
            /** @description What the model wrote. */
            text: string;
        };
        /** @description The probabilities of the tokens of a text: four lists of the same length. */
        CompletionLogprobs: {
            /** @description How many characters of the text stand before each token. */
            text_offset: number[];
            /** @description The natural logarithms of the probabilities that the model gave them, before temperature and penalties. */
            token_logprobs: number[];
            /** @description The tokens. */
            tokens: string[];
            /** @description The likeliest tokens at their places with theirs. */
            top_logprobs: {
                [key: string]: number;
            }[];
        };
        /** @description A text to be gone on with, or a gap to be filled. */
        CompletionRequest: {
            /**
             * Format: float
             * @description -2 to 2, 0 when absent: makes tokens less likely the more often the model wrote them.
             */
            frequency_penalty?: number | null;
            /**
             * Format: int32
             * @description Whether the probabilities of the tokens are told, and of how many of the likeliest ones besides: 0 to 5.
             */
            logprobs?: number | null;
            /**
             * Format: int32
             * @description At most so many tokens are written; 16 when absent.
             */
            max_tokens?: number | null;
            /** @description Id of the model; the chosen one when absent. */
            model?: string | null;
            /**
             * Format: float
             * @description -2 to 2, 0 when absent: makes tokens less likely that the model wrote.
             */
            presence_penalty?: number | null;
            /** @description The text; what stands before the gap when there is a `suffix`. */
            prompt: components["schemas"]["TextInput"];
            /**
             * Format: int64
             * @description Makes the same request give the same text.
             */
            seed?: number | null;
            stop?: components["schemas"]["Texts"] | null;
            /** @description Whether the text comes in pieces. */
            stream?: boolean | null;
            stream_options?: components["schemas"]["StreamOptions"] | null;
            /** @description What stands after the gap. */
            suffix?: string | null;
            /**
             * Format: float
             * @description 0 to 2, 1 when absent.
             */
            temperature?: number | null;
            /**
             * Format: float
             * @description Above 0, at most 1; 1 when absent.
             */
            top_p?: number | null;
        };
        /** @description How suggestions in editors fared, and what was learnt from it on this machine. It never leaves it. */
        CompletionStats: {
            /**
             * Format: int64
             * @description From how many suggestions it was learnt.
             */
            examples: number;
            /** @description Whether what was learnt counts: the setting `completion.gate`. */
            gates: boolean;
            /** @description Whether nothing was learnt yet, so that all that is probable enough is shown. */
            is_prior: boolean;
            /** @description Each language, by what editors call it. */
            languages: components["schemas"]["LanguageSuggestions"][];
            /** @description Whether it is learnt from suggestions: the setting `completion.learn`. */
            learns: boolean;
            /** @description All languages together. */
            total: components["schemas"]["SuggestionCounts"];
            /**
             * Format: int64
             * @description When it was learnt last, in milliseconds since 1970.
             */
            trained_at?: number | null;
        };
        /** @description A token that was just made. The secret is told this once. */
        CreatedToken: {
            /** @description What lists show of it from now on. */
            info: components["schemas"]["TokenInfo"];
            /** @description What goes after `Authorization: Bearer `. */
            token: components["schemas"]["Secret"];
        };
        /** @description A file that was read, in its present version. */
        Document: {
            /** @description Whether its content came from outside, such as from a page of the web: whoever wrote it may mean ill. */
            from_outside?: boolean;
            /** @description BLAKE3 of the file's bytes, in hexadecimal: the version. */
            hash: string;
            /**
             * Format: int64
             * @description The id.
             */
            id: number;
            /** @description `text`, `markdown`, `html`, `pdf`, `docx`, `pptx`, `xlsx`, `epub`, `notebook` or `code`; more may come. */
            kind: string;
            /** @description The natural or programming language, where known. */
            language?: string | null;
            /**
             * Format: int64
             * @description When the file was last changed, by its file system.
             */
            modified_at: number;
            /** @description Absolute path of the file. */
            path: string;
            /**
             * Format: int64
             * @description When this version was read.
             */
            read_at: number;
            /**
             * Format: int64
             * @description The indexed folder that it came with.
             */
            root: number;
            /**
             * Format: int64
             * @description The change that brought this version.
             */
            sequence: number;
            /**
             * Format: int64
             * @description Bytes of the file.
             */
            size: number;
            /** @description The title, where it has one. */
            title?: string | null;
        };
        /** @description A document with its passages. */
        DocumentDetail: {
            /** @description The document. */
            document: components["schemas"]["Document"];
            /** @description Its passages, in order. */
            passages: components["schemas"]["Passage"][];
        };
        /** @description A page of documents. */
        DocumentPage: {
            /** @description The documents, by path. */
            documents: components["schemas"]["Document"][];
            /** @description `after` for the next page, when there may be more. */
            next?: string | null;
        };
        /**
         * @description How far a file has come.
         * @enum {string}
         */
        DocumentState: "indexed" | "pending" | "skipped" | "failed";
        /** @description What is known about one file under an indexed folder. */
        DocumentStatus: {
            /**
             * Format: int64
             * @description When this was found.
             */
            found_at: number;
            /** @description Absolute path. */
            path: string;
            /** @description Why it was skipped or failed, or what was missing although it was read. */
            reason?: string | null;
            /**
             * Format: int64
             * @description Bytes of the file when last seen.
             */
            size: number;
            /** @description How far it has come. */
            state: components["schemas"]["DocumentState"];
        };
        /** @description A page of file statuses. */
        DocumentStatusPage: {
            /** @description The statuses, by path. */
            files: components["schemas"]["DocumentStatus"][];
            /** @description `after` for the next page, when there may be more. */
            next?: string | null;
        };
        /** @description The host was asked to stop. */
        Draining: {
            /**
             * Format: int32
             * @description Its process.
             */
            process: number;
            /** @description The version of the host that stops. */
            version: string;
        };
        /** @description Asks the host to finish what it does, stop and leave the data directory to another one. */
        DrainRequest: {
            /** @description Why, for the log: `a newer client (0.2.0) takes over`. */
            reason?: string | null;
        };
        /** @description A change to a memory. What is absent stays as it is. */
        EditMemory: {
            kind?: components["schemas"]["MemoryKind"] | null;
            scope?: components["schemas"]["MemoryScope"] | null;
            /** @description The text. */
            text?: string | null;
        };
        /**
         * @description What is to be written by a model.
         * @enum {string}
         */
        EditorTask: "explain" | "fix" | "document" | "test" | "simplify" | "translate-comments" | "generate";
        /** @description What is to change of a conversation. What is absent stays. */
        EditSession: {
            /** @description The language model that answers in it, by its name; an empty one for the chosen one of the host. */
            model?: string | null;
            /** @description Whether no model may answer in it that runs on another machine. */
            only_local?: boolean | null;
            /** @description Whether it stands before others in lists. */
            pinned?: boolean | null;
            /** @description The name; 1 to 200 characters once trimmed. */
            title?: string | null;
        };
        /** @description The embedding model. */
        EmbedderStatus: {
            /** @description What is missing, and how to get it. */
            missing?: string | null;
            /** @description Its id. */
            model: string;
            /** @description Whether it can work. */
            ready: boolean;
        };
        /** @description The vector of a text. */
        EmbeddingItem: {
            /** @description The vector, of unit length. */
            embedding: components["schemas"]["EmbeddingVector"];
            /**
             * Format: int32
             * @description Which text, from 0.
             */
            index: number;
            /** @description `embedding`. */
            object: string;
        };
        /** @description Vectors. */
        EmbeddingList: {
            /** @description A vector for each text, in order. */
            data: components["schemas"]["EmbeddingItem"][];
            /** @description Id of the model that made them. */
            model: string;
            /** @description `list`. */
            object: string;
            /** @description What they cost. */
            usage: components["schemas"]["EmbeddingUsage"];
        };
        /** @description Texts that are to become vectors. */
        EmbeddingRequest: {
            /**
             * Format: int32
             * @description The length of the vectors, which cannot be chosen: that of the embedder or absent.
             */
            dimensions?: number | null;
            /** @description `float` (when absent) or `base64`: 32-bit numbers, little end first. */
            encoding_format?: string | null;
            /** @description 1 to 2048 texts, none of them empty. Tokens are not taken. */
            input: components["schemas"]["TextInput"];
            /** @description The model. There is one embedder; it answers to every name that no other model here has. */
            model?: string | null;
        };
        /** @description What vectors cost. */
        EmbeddingUsage: {
            /**
             * Format: int64
             * @description Tokens read.
             */
            prompt_tokens: number;
            /**
             * Format: int64
             * @description The same.
             */
            total_tokens: number;
        };
        /** @description A vector. */
        EmbeddingVector: number[] | string;
        /** @description Memories, sessions with their turns, preferences and folders as one JSON document. */
        Export: unknown;
        /** @description A command that failed, of which somebody wants to know why. */
        FailedCommand: {
            /** @description As it was typed. */
            command: string;
            /** @description What it said: the end of it. */
            output: string;
        };
        /** @description Which passages may be returned. Empty lists do not restrict. */
        Filter: {
            /**
             * @description Only of these kinds: `text`, `markdown`, `html`, `pdf`, `docx`, `pptx`, `xlsx`, `epub`, `notebook`, `code`.
             * @default []
             */
            kinds: string[];
            /**
             * @description Only in these languages: `en`, `rust`.
             * @default []
             */
            languages: string[];
            /**
             * Format: int64
             * @description Only from files changed at or after.
             * @default null
             */
            modified_after: number | null;
            /**
             * Format: int64
             * @description Only from files changed before.
             * @default null
             */
            modified_before: number | null;
            /**
             * @description Only below these absolute paths.
             * @default []
             */
            paths: string[];
        };
        /** @description How a model fits into the memory that is free now, with the numbers behind it. */
        Fit: {
            /**
             * Format: int64
             * @description Bytes that are free.
             */
            free: number;
            /**
             * Format: int64
             * @description Bytes that it needs, a conversation included.
             */
            needed: number;
            /**
             * Format: int64
             * @description Tokens in a second at most, as fast as memory gives the weights; absent when there is no doubt that they are enough.
             */
            tokens_per_second?: number | null;
            /** @description In a word. */
            verdict: components["schemas"]["FitVerdict"];
        };
        /**
         * @description Whether a model fits into the memory that is free.
         * @enum {string}
         */
        FitVerdict: "fits" | "slow" | "wont-fit" | "other";
        /** @description A source that is to be removed everywhere. */
        ForgetRequest: {
            /** @description Absolute path of a file, or of a folder with all below it. It need not exist any more. */
            path: string;
        };
        /** @description What was removed. */
        ForgetResult: {
            /**
             * Format: int64
             * @description Documents.
             */
            documents: number;
            /**
             * Format: int64
             * @description Memories that were learned from the source.
             */
            memories: number;
            /**
             * Format: int64
             * @description Passages that went with them.
             */
            passages: number;
            /**
             * Format: int64
             * @description Turns whose answer quoted the source; their answers were blanked.
             */
            turns: number;
        };
        /** @description A conversation that begins with the turns of another. */
        ForkSession: {
            /** @description The last turn that it takes over; all that have ended when absent. */
            through?: string | null;
        };
        /** @description A turn of a conversation in which words were found. */
        FoundTurn: {
            /**
             * Format: int64
             * @description When it was asked.
             */
            asked_at: number;
            /** @description The text around the words, on one line: of the answer, or else of the question. */
            excerpt: string;
            /** @description The conversation. */
            session: string;
            /** @description The conversation's title. */
            title: string;
            /** @description The turn. */
            turn: string;
        };
        /** @description Turns in which words were found. */
        FoundTurns: {
            /** @description The last such turn of each conversation, the last changed conversations first. */
            turns: components["schemas"]["FoundTurn"][];
        };
        /** @description What the editor's side says. */
        FromEditor: {
            /** @enum {string} */
            do: "hello";
            /** @description The editor and its version, for people. */
            editor: string;
            /** @description How places are counted. */
            encoding: components["schemas"]["PositionEncoding"];
            /** @description Absolute paths of the folders that are open. */
            folders?: string[];
        } | {
            /** @enum {string} */
            do: "folders";
            /** @description All of them. */
            folders: string[];
        } | {
            /** @enum {string} */
            do: "open";
            /** @description What the editor calls its language. */
            language: string;
            /** @description Its text. */
            text: string;
            /** @description Its URI. */
            uri: string;
            /**
             * Format: int32
             * @description Its version.
             */
            version: number;
        } | {
            /** @enum {string} */
            do: "change";
            /** @description One after the other, each for the text that the one before left. */
            edits: components["schemas"]["TextEdit"][];
            /** @description Its URI. */
            uri: string;
            /**
             * Format: int32
             * @description Its version after the edits.
             */
            version: number;
        } | {
            /** @enum {string} */
            do: "save";
            /** @description Its URI. */
            uri: string;
        } | {
            /** @enum {string} */
            do: "close";
            /** @description Its URI. */
            uri: string;
        } | {
            /** @description Whether somebody asked for it, and did not just type; then the host is not silent because of doubt. */
            asked?: boolean;
            /** @enum {string} */
            do: "complete";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /**
             * Format: int32
             * @description How many at most.
             */
            limit: number;
            /** @description The place. */
            position: components["schemas"]["Position"];
            /** @description The document. */
            uri: string;
            /**
             * Format: int32
             * @description The version that the place is in; the host waits for it.
             */
            version: number;
            /** @description Whether words that fit are wanted, for a list, and not the text that follows. */
            words?: boolean;
        } | {
            /** @enum {string} */
            do: "next-edit";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /** @description Where one is. */
            position: components["schemas"]["Position"];
            /** @description The document. */
            uri: string;
            /**
             * Format: int32
             * @description The version that the place is in.
             */
            version: number;
        } | {
            /** @description Diagnostics that it is about, in words. */
            diagnostics?: string[];
            /** @enum {string} */
            do: "write";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /** @description The range. */
            range: components["schemas"]["Range"];
            /** @description What is to be written. */
            task: components["schemas"]["EditorTask"];
            /** @description The document. */
            uri: string;
            /**
             * Format: int32
             * @description The version that the range is in.
             */
            version: number;
        } | {
            /** @enum {string} */
            do: "cancel";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
        } | {
            /** @description Each with its line, from 0. */
            complaints: components["schemas"]["Complaint"][];
            /** @enum {string} */
            do: "diagnostics";
            /** @description The document. */
            uri: string;
        } | {
            /**
             * Format: int32
             * @description How many characters were taken, where that is a part.
             */
            characters?: number | null;
            /** @enum {string} */
            do: "tell";
            /** @description What became of it. */
            fate: components["schemas"]["SuggestionFate"];
            /**
             * Format: int64
             * @description The suggestion.
             */
            suggestion: number;
        };
        /** @description A call of a function that the model asks for. */
        FunctionCall: {
            /** @description Its arguments in JSON, as the model wrote them. */
            arguments: string;
            /** @description By which what comes of it names the call. */
            call_id: string;
            /** @description The id of the item. */
            id: string;
            /** @description The name of the function. */
            name: string;
            /** @description `in_progress` or `completed`. */
            status: string;
            /** @description `function_call`. */
            type: string;
        };
        /** @description A question to the knowledge graph. */
        GraphQuery: {
            /** @description A SPARQL 1.1 query that reads: SELECT, ASK, CONSTRUCT or DESCRIBE. */
            query: string;
            /**
             * Format: int32
             * @description The result is cut after this many rows; 1,000 when absent, at most 100,000.
             */
            rows?: number | null;
            /**
             * Format: int64
             * @description The query fails after this; 10,000 when absent, at most 60,000.
             */
            time_millis?: number | null;
        };
        /**
         * @description The result of a graph query. ASK gives one row with the variable `result`; CONSTRUCT gives `subject`, `predicate` and
         *     `object`.
         */
        GraphResult: {
            /** @description The solutions: a value or null for each variable. */
            rows: (components["schemas"]["GraphValue"] | null)[][];
            /** @description Whether the row limit cut the result. */
            truncated: boolean;
            /** @description Names of the variables. */
            variables: string[];
        };
        /** @description A value of a result. */
        GraphValue: {
            /** @enum {string} */
            type: "iri";
            /** @description An IRI. */
            value: string;
        } | {
            /** @enum {string} */
            type: "literal";
            /** @description A literal's text. */
            value: string;
        } | {
            /** @enum {string} */
            type: "blank";
            /** @description A blank node's label. */
            value: string;
        };
        /** @description That the host is there. The only answer that needs no token. */
        Health: {
            /** @description Always true. */
            ok: boolean;
            /** @description The version of the host. */
            version: string;
        };
        /** @description A passage that was found, with where it stands and what it is worth. */
        Hit: {
            /** @description The fragment that leads to it, without `#`. */
            anchor?: string | null;
            /** @description The headings above the passage, outermost first. */
            breadcrumb: string[];
            /**
             * Format: int64
             * @description Its document.
             */
            document: number;
            /** @description Whether its content came from outside, such as from a page of the web: whoever wrote it may mean ill. */
            from_outside?: boolean;
            /** @description BLAKE3 of the file that was read, in hexadecimal: the version. */
            hash: string;
            /** @description What the document is, as in `Document`. */
            kind: string;
            /** @description The language of the document, where known. */
            language?: string | null;
            /**
             * Format: int64
             * @description When the file was last changed.
             */
            modified_at: number;
            /**
             * Format: int64
             * @description The passage.
             */
            passage: number;
            /** @description Absolute path of the document. */
            path: string;
            /** @description Score by part. */
            scores: components["schemas"]["Scores"];
            /** @description Where it stands. */
            span: components["schemas"]["Span"];
            /** @description The text. */
            text: string;
            /** @description The title of the document. */
            title?: string | null;
        };
        /** @description Facts about the host. */
        HostStatus: {
            /**
             * Format: int64
             * @description Bytes that left the machine since the host started.
             */
            bytes_sent: number;
            /** @description The data directory. */
            data_directory: string;
            /** @description Where the engine worker computes, when it runs. */
            device?: string | null;
            /** @description Whether offline mode forbids outbound connections. */
            offline: boolean;
            /** @description What is wrong with the settings, a sentence each with its place: it was left out when the host started. */
            problems?: string[];
            /** @description A version newer than the host's, when a check for updates has seen one. */
            update?: string | null;
            /** @description The engine worker: `stopped`, `starting`, `running`. */
            worker: string;
        };
        /** @description An image, as a `data:` address. */
        ImageAddress: {
            /** @description The address. */
            url: string;
        } | string;
        /** @description How an import goes on. The last event is `finished` or `failed`. */
        ImportEvent: {
            /**
             * Format: int64
             * @description The chats.
             */
            chats: number;
            /** @enum {string} */
            event: "progress";
        } | {
            /** @enum {string} */
            event: "finished";
            /** @description What became of them. */
            report: components["schemas"]["ImportReport"];
        } | {
            /** @enum {string} */
            event: "failed";
            /** @description Why. */
            problem: components["schemas"]["Problem"];
        };
        /** @description What became of the chats of an export. */
        ImportReport: {
            /**
             * Format: int64
             * @description Chats that were not there.
             */
            added: number;
            /**
             * Format: int64
             * @description Chats that were there, and got turns or answers that they had not.
             */
            grown: number;
            /**
             * Format: int64
             * @description Chats that were there as they are.
             */
            known: number;
            /**
             * Format: int64
             * @description Chats that could not be taken in, and parts of the file that could not be read.
             */
            left_out: number;
            /** @description The first hundred of these, with the reasons. */
            reasons: components["schemas"]["LeftOut"][];
        };
        /** @description Chats that are to be imported: a file that ChatGPT or Claude exported, as it came or unpacked. One of the two is given. */
        ImportRequest: {
            /** @description Absolute path of the file, on this machine. */
            path?: string | null;
            /** @description Id of an upload that has come whole. It is gone afterwards. */
            upload?: string | null;
        };
        /** @description Why an answer is incomplete. */
        IncompleteReason: {
            /** @description `max_output_tokens`. */
            reason: string;
        };
        /** @description How many files are in which state. */
        IndexCounts: {
            /**
             * Format: int64
             * @description Bytes of all files that were read.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Could not be read.
             */
            failed: number;
            /**
             * Format: int64
             * @description Found by keyword and by meaning.
             */
            indexed: number;
            /**
             * Format: int64
             * @description Passages in all documents.
             */
            passages: number;
            /**
             * Format: int64
             * @description Found by keyword, not yet by meaning.
             */
            pending: number;
            /**
             * Format: int64
             * @description Left out on purpose.
             */
            skipped: number;
        };
        /**
         * @description How far indexing has come. The stream `index/events` sends one as event `progress`, the first at once, at most about
         *     ten each second.
         */
        IndexProgress: {
            /** @description Whether it goes on only after the user did something, such as to install the model or to plug the machine in. */
            blocked: boolean;
            /**
             * Format: int64
             * @description Bytes of the files that were read.
             */
            bytes: number;
            /**
             * Format: int64
             * @description Files that were found.
             */
            discovered: number;
            /**
             * Format: int64
             * @description Passages that were embedded.
             */
            embedded: number;
            /**
             * Format: int64
             * @description Files that could not be read.
             */
            failed: number;
            /** @description Why embedding waits, when it does. */
            paused?: string | null;
            /**
             * Format: int64
             * @description Files that are done: found by keyword, skipped or failed.
             */
            processed: number;
            /** @description Whether a folder is being read. */
            scanning: boolean;
            /**
             * Format: int64
             * @description Passages that are still to be embedded.
             */
            to_embed: number;
        };
        /** @description Where the key of a provider was put, or taken from. */
        KeptKey: {
            /** @description The place, for people. */
            place: string;
        };
        /** @description What the files of a language model tell. */
        LanguageModelDetails: {
            /** @description The architecture, by the name that its files give it: `qwen3`. */
            architecture: string;
            /**
             * Format: int64
             * @description The most tokens of a conversation, those of the answer included.
             */
            context_tokens: number;
            /** @description Whether it brings a template for conversations. */
            has_chat_template: boolean;
            /**
             * Format: int64
             * @description Layers.
             */
            layers: number;
            /**
             * Format: int64
             * @description Numbers that were learned.
             */
            parameters: number;
            /** @description How most of them are stored: `Q4_K_M`, `BF16`. */
            quantisation: string;
        };
        /** @description How the suggestions in a language fared. */
        LanguageSuggestions: {
            /** @description Its suggestions. */
            counts: components["schemas"]["SuggestionCounts"];
            /** @description What editors call the language. */
            language: string;
        };
        /** @description A chat that was not taken in. */
        LeftOut: {
            /** @description Why. */
            reason: string;
            /** @description What it is called; where it stands, when it has no name. */
            title: string;
        };
        /** @description A token that might have been written. */
        LikelyToken: {
            /** @description Its bytes. */
            bytes: number[];
            /**
             * Format: float
             * @description The logarithm of its probability.
             */
            logprob: number;
            /** @description Its text. */
            token: string;
        };
        /** @description A remembered fact or preference. */
        Memory: {
            /**
             * Format: int64
             * @description When it was first stored.
             */
            created_at: number;
            /** @description The id. */
            id: string;
            /** @description What it is. */
            kind: components["schemas"]["MemoryKind"];
            /** @description Where it counts. */
            scope: components["schemas"]["MemoryScope"];
            /** @description What it was learned from: `user`, or a source's path or URL. */
            source: string;
            /** @description The text. */
            text: string;
            /**
             * Format: int64
             * @description When it was last edited.
             */
            updated_at: number;
        };
        /**
         * @description What a memory is.
         * @enum {string}
         */
        MemoryKind: "fact" | "preference";
        /** @description All memories, or those that count in a scope. */
        MemoryList: {
            /** @description The memories, newest first. */
            memories: components["schemas"]["Memory"][];
        };
        /** @description Where a memory counts. */
        MemoryScope: {
            /** @enum {string} */
            scope: "global";
        } | {
            /** @enum {string} */
            scope: "folder";
            /** @description For questions from within this folder, an absolute path. */
            value: string;
        } | {
            /** @enum {string} */
            scope: "surface";
            /** @description For questions from this surface: `cli`, `editor`, `browser`, `desktop`, `api`. */
            value: string;
        };
        /** @description Who holds what of the machine's memory, in bytes. What is mapped from files and can be read again counts for nobody. */
        MemoryStatus: {
            /**
             * Format: int64
             * @description What is free on the machine, where it tells.
             */
            free?: number | null;
            /**
             * Format: int64
             * @description What the host holds without its models, where the machine tells.
             */
            host?: number | null;
            /**
             * Format: int64
             * @description The most that models may hold together, where the setting `inference.memory-megabytes` limits it.
             */
            limit?: number | null;
            /** @description The models in memory. */
            models: components["schemas"]["ModelInMemory"][];
            /**
             * Format: int64
             * @description What the engine worker holds, its models included, while it runs and where the machine tells.
             */
            worker?: number | null;
        };
        /** @description What a question is about. Where files, folders or attached texts are named, the answer stands on these and on no other files. */
        Mention: {
            /** @enum {string} */
            kind: "file";
            /** @description Its absolute path. */
            path: string;
        } | {
            /** @enum {string} */
            kind: "folder";
            /** @description Its absolute path. */
            path: string;
        } | {
            /** @description The memory. */
            id: string;
            /** @enum {string} */
            kind: "memory";
        } | {
            /** @description The attachment. */
            id: string;
            /** @description Whether it is an image, in answers. */
            is_image?: boolean;
            /** @enum {string} */
            kind: "attachment";
            /** @description The file's name, in answers. */
            name?: string;
        };
        /** @description What a question may name. */
        Mentionable: {
            /** @description Memories that hold the words of the text, newest first. */
            memories: components["schemas"]["Memory"][];
            /** @description Files and folders whose names are like the text, the best first. */
            places: components["schemas"]["Mention"][];
        };
        /** @description What is said. */
        MessageContent: string | components["schemas"]["MessagePart"][];
        /** @description A part of a message. */
        MessagePart: {
            image_url?: components["schemas"]["ImageAddress"] | null;
            /** @description The text. */
            text?: string | null;
            /**
             * @description The kind: `text` or `image_url`; in a response `input_text`, `output_text` or `input_image`. Sound and files are not
             *     taken.
             */
            type: string;
        };
        /** @description A model that is known, installed or not. */
        Model: {
            /** @description Whether it is the one in use for its role. */
            active: boolean;
            fit?: components["schemas"]["Fit"] | null;
            /** @description Where its files are, or will be. */
            folder: string;
            /** @description The id: `all-MiniLM-L6-v2`. */
            id: string;
            /** @description Whether all files are there. */
            installed: boolean;
            language?: components["schemas"]["LanguageModelDetails"] | null;
            /** @description Its licence, as an SPDX expression or as its author says; empty when the files do not tell. */
            license: string;
            origin?: components["schemas"]["ModelOrigin"] | null;
            /** @description What it is for. */
            role: components["schemas"]["ModelRole"];
            /**
             * Format: int64
             * @description Bytes of all its files.
             */
            size: number;
        };
        /** @description A model in memory. */
        ModelInMemory: {
            /** @description Its id. */
            model: string;
            /** @description Whether it is on a GPU. */
            on_gpu: boolean;
            /** @description What it is for. */
            role: components["schemas"]["ModelRole"];
            /** @description What it does. */
            state: components["schemas"]["ModelState"];
            /**
             * Format: int64
             * @description Bytes of what it has read and written.
             */
            texts: number;
            /**
             * Format: int64
             * @description Bytes of its weights.
             */
            weights: number;
        };
        /** @description All known models; in one document for Ambit's own clients and for OpenAI's. */
        ModelList: {
            /**
             * @description The models that can be asked, as OpenAI's clients list them: the chosen language model first, then the others and the
             *     embedder.
             */
            data?: components["schemas"]["OpenAiModel"][];
            /** @description The models, installed or not. Empty for who may chat but not read. */
            models: components["schemas"]["Model"][];
            /** @description `list`, as OpenAI's clients expect. */
            object?: string;
        };
        /** @description Where the files of a model came from. */
        ModelOrigin: {
            /** @description The files, by their names there. */
            files: string[];
            /** @enum {string} */
            from: "hub";
            /** @description The repository: `owner/name`. */
            repository: string;
            /** @description The commit, in full. */
            revision: string;
        } | {
            /** @enum {string} */
            from: "local";
            /** @description Where it was. */
            path: string;
        } | {
            /** @enum {string} */
            from: "other";
        };
        /**
         * @description What a model is for.
         * @enum {string}
         */
        ModelRole: "embedding" | "language" | "other";
        /**
         * @description What a model in memory does.
         * @enum {string}
         */
        ModelState: "loading" | "working" | "resting" | "other";
        /** @description A file that is handed over for a conversation. */
        NewAttachment: {
            /** @description Its content, in base64. */
            content: string;
            /** @description The file's name, without folders. */
            name: string;
        };
        /** @description A memory to be stored. */
        NewMemory: {
            /** @description What it is. */
            kind?: components["schemas"]["MemoryKind"];
            /** @description Where it counts. */
            scope?: components["schemas"]["MemoryScope"];
            /** @description What it was learned from: a source's path or URL; the user, when absent. */
            source?: string | null;
            /** @description The text, in the user's words. */
            text: string;
        };
        /** @description A page of the web that is to be kept. */
        NewPage: {
            /** @description Whether that is only what was selected; it is kept beside the page. */
            is_selection?: boolean;
            /** @description What is to be kept of it, as Markdown. */
            text: string;
            /** @description Things that it describes for machines, which go into the knowledge graph: 50 at most. */
            things?: components["schemas"]["PageThing"][];
            /** @description Its title; the site's name when it is empty. */
            title?: string;
            /** @description Its address. What stands behind `#` is left out. */
            url: string;
        };
        /** @description A server of language models to be asked from now on. */
        NewProvider: {
            /**
             * Format: int64
             * @description How many tokens of conversation its models read; 8192 when absent.
             */
            context_tokens?: number | null;
            /** @description Models that take images; to others none are sent. */
            image_models?: string[];
            kind?: components["schemas"]["ProviderKind"] | null;
            /** @description Models that lists are to show. */
            models?: string[];
            /** @description Small letters, digits, `-`, `_` and `.`; at most 40. */
            name: string;
            /**
             * @description Where it is: of OpenAI's API what stands before `/chat/completions`, of Ollama's what stands before `/api`. Another
             *     machine is only asked over https.
             */
            url: string;
        };
        /** @description A folder to be indexed. */
        NewRoot: {
            /** @description Absolute path of an existing folder. */
            path: string;
        };
        /** @description A token to be made. */
        NewToken: {
            /**
             * Format: int64
             * @description When it ends; never, when absent.
             */
            expires_at?: number | null;
            /** @description What it is for, as lists show it; 1 to 100 characters. */
            name: string;
            /** @description What it allows; at least one scope. */
            scopes: components["schemas"]["TokenScope"][];
        };
        /** @description A function with the arguments for a call. */
        OllamaCalledFunction: {
            /** @description Its arguments. */
            arguments?: Record<string, never>;
            /** @description Its name. */
            name: string;
        };
        /** @description A conversation to be gone on with. */
        OllamaChatRequest: {
            /** @description The form that the answer must have: `json`, or a JSON schema. */
            format?: unknown;
            /** @description Whether the probabilities of the tokens are told. */
            logprobs?: boolean | null;
            /** @description The conversation so far, oldest first. When there is none, nothing is written. */
            messages?: components["schemas"]["OllamaMessage"][] | null;
            /** @description Id of the model; the chosen one when absent. */
            model?: string | null;
            options?: components["schemas"]["OllamaOptions"] | null;
            /** @description Whether the answer comes in pieces; true when absent. */
            stream?: boolean | null;
            /** @description The tools that the model may ask for. Not all models know of tools; those refuse them by name. */
            tools?: components["schemas"]["ChatTool"][] | null;
            /**
             * Format: int32
             * @description Of how many of the likeliest tokens at each place they are told besides: 0 to 20.
             */
            top_logprobs?: number | null;
        };
        /** @description What Ollama tells of a model besides; empty where it is not known. */
        OllamaDetails: {
            /** @description Its families. */
            families: string[];
            /** @description Its family. */
            family: string;
            /** @description The form of its files. */
            format: string;
            /** @description How many parameters it has. */
            parameter_size: string;
            /** @description The model that it was made of. */
            parent_model: string;
            /** @description How they are quantised. */
            quantization_level: string;
        };
        /** @description A text that is to become a vector, the older way. */
        OllamaEmbeddingsRequest: {
            /** @description The model, as in `/api/embed`. */
            model?: string | null;
            /** @description The text. */
            prompt?: string | null;
        };
        /** @description Texts that are to become vectors. */
        OllamaEmbedRequest: {
            /**
             * Format: int32
             * @description The length of the vectors, which cannot be chosen: that of the embedder or absent.
             */
            dimensions?: number | null;
            input?: components["schemas"]["Texts"] | null;
            /** @description The model. There is one embedder; it answers to every name that no other model here has. */
            model?: string | null;
            /** @description Whether a text that is too long is cut; true when absent. */
            truncate?: boolean | null;
        };
        /** @description A failure. */
        OllamaFailure: {
            /** @description What went wrong, for people; says what one can do about it. */
            error: string;
        };
        /** @description A text to be gone on with, a question, or a gap to be filled. */
        OllamaGenerateRequest: {
            /** @description The form that the text must have: `json`, or a JSON schema. */
            format?: unknown;
            /** @description Images in base64, for a model that takes them. */
            images?: string[] | null;
            /** @description Whether the probabilities of the tokens are told. */
            logprobs?: boolean | null;
            /** @description Id of the model; the chosen one when absent. */
            model?: string | null;
            options?: components["schemas"]["OllamaOptions"] | null;
            /**
             * @description The question; with `raw` a text that the model goes on with; with `suffix` what stands before the gap. When it is
             *     empty and there is no suffix, nothing is written.
             */
            prompt?: string | null;
            /** @description Whether the prompt is taken as it stands instead of as a question. */
            raw?: boolean | null;
            /** @description Whether the text comes in pieces; true when absent. */
            stream?: boolean | null;
            /** @description What stands after the gap. */
            suffix?: string | null;
            /** @description Instructions that go before the question. */
            system?: string | null;
            /**
             * Format: int32
             * @description Of how many of the likeliest tokens at each place they are told besides: 0 to 20.
             */
            top_logprobs?: number | null;
        };
        /** @description A message of a conversation. */
        OllamaMessage: {
            /** @description What is said. */
            content?: string;
            /** @description Images in base64, for a model that takes them. */
            images?: string[] | null;
            /** @description Who speaks: `system`, `user`, `assistant` or `tool`. */
            role: string;
            /** @description Calls of tools that the assistant asks for. */
            tool_calls?: components["schemas"]["OllamaToolCall"][] | null;
            /** @description Of a tool's message: the function that it comes of. */
            tool_name?: string | null;
        };
        /** @description A model. */
        OllamaModel: {
            /** @description More. */
            details: components["schemas"]["OllamaDetails"];
            /** @description BLAKE3 of its id. */
            digest: string;
            /** @description The same. */
            model: string;
            /** @description When it was changed; 1970, since nobody knows. */
            modified_at: string;
            /** @description Its id. */
            name: string;
            /**
             * Format: int64
             * @description Bytes of its files; 0 when it has none here.
             */
            size: number;
        };
        /** @description How tokens are chosen. */
        OllamaOptions: {
            /**
             * Format: float
             * @description -2 to 2, 0 when absent: makes tokens less likely the more often the model wrote them.
             */
            frequency_penalty?: number | null;
            /**
             * Format: float
             * @description 0 to 1; 0 when absent.
             */
            min_p?: number | null;
            /**
             * Format: int64
             * @description At most so many tokens are written; as many as the model's context holds when absent or negative.
             */
            num_predict?: number | null;
            /**
             * Format: float
             * @description -2 to 2, 0 when absent: makes tokens less likely that the model wrote.
             */
            presence_penalty?: number | null;
            /**
             * Format: int64
             * @description How many of the last tokens the penalties look at; 64 when absent, 0 for none, -1 for all.
             */
            repeat_last_n?: number | null;
            /**
             * Format: float
             * @description Makes tokens less likely that stand in the text already; 1.1 when absent, 1 does not.
             */
            repeat_penalty?: number | null;
            /**
             * Format: int64
             * @description Makes the same request give the same text.
             */
            seed?: number | null;
            stop?: components["schemas"]["Texts"] | null;
            /**
             * Format: float
             * @description 0 to 2, 0.8 when absent.
             */
            temperature?: number | null;
            /**
             * Format: int64
             * @description Only so many of the likeliest tokens are taken; 40 when absent, all when 0.
             */
            top_k?: number | null;
            /**
             * Format: float
             * @description Above 0, at most 1; 0.9 when absent.
             */
            top_p?: number | null;
        };
        /** @description A model in more detail; empty where it is not known. */
        OllamaShown: {
            /** @description What it can: `completion` or `embedding`. */
            capabilities: string[];
            /** @description More. */
            details: components["schemas"]["OllamaDetails"];
            /** @description Its licence, as an SPDX expression. */
            license: string;
            /** @description Its context, as `ambit.context_length`. */
            model_info: {
                [key: string]: unknown;
            };
            /** @description The file that it was made with. */
            modelfile: string;
            /** @description When it was changed; 1970, since nobody knows. */
            modified_at: string;
            /** @description Its parameters. */
            parameters: string;
            /** @description Its template. */
            template: string;
        };
        /** @description Which model is to be shown. */
        OllamaShowRequest: {
            /** @description Id of the model. */
            model?: string | null;
            /** @description The older name of `model`. */
            name?: string | null;
        };
        /** @description The models that there are. */
        OllamaTags: {
            /** @description The models. */
            models: components["schemas"]["OllamaModel"][];
        };
        /** @description A text or a piece of it. The last one, with `done`, tells what the text cost. */
        OllamaText: {
            /** @description When the text was begun. */
            created_at: string;
            /** @description Whether it is complete. */
            done: boolean;
            /** @description Why it ended: `stop`, `length`, or `load` when nothing was to be written. */
            done_reason?: string | null;
            /**
             * Format: int64
             * @description Tokens written.
             */
            eval_count?: number | null;
            /**
             * Format: int64
             * @description From the first piece to the end.
             */
            eval_duration?: number | null;
            /**
             * Format: int64
             * @description For loading the model; 0, as it counts as reading.
             */
            load_duration?: number | null;
            /** @description The probabilities of the tokens that are new, where they are asked for. */
            logprobs?: components["schemas"]["TokenLogprob"][] | null;
            message?: components["schemas"]["OllamaMessage"] | null;
            /** @description Id of the model. */
            model: string;
            /**
             * Format: int64
             * @description Tokens read.
             */
            prompt_eval_count?: number | null;
            /**
             * Format: int64
             * @description From the request to the first piece.
             */
            prompt_eval_duration?: number | null;
            /** @description The text, of `/api/generate`. */
            response?: string | null;
            /**
             * Format: int64
             * @description From the request to the end.
             */
            total_duration?: number | null;
        };
        /** @description A call of a function. */
        OllamaToolCall: {
            /** @description The function with its arguments. */
            function: components["schemas"]["OllamaCalledFunction"];
        };
        /** @description A vector, the older way. */
        OllamaVector: {
            /** @description The vector; empty for an empty text. */
            embedding: number[];
        };
        /** @description Vectors. */
        OllamaVectors: {
            /** @description A vector for each text, in order. */
            embeddings: number[][];
            /**
             * Format: int64
             * @description For loading the model; 0, as it counts as embedding.
             */
            load_duration: number;
            /** @description Id of the model that made them. */
            model: string;
            /**
             * Format: int64
             * @description Tokens read.
             */
            prompt_eval_count: number;
            /**
             * Format: int64
             * @description From the request to the end.
             */
            total_duration: number;
        };
        /** @description The version of Ollama whose API is spoken. */
        OllamaVersion: {
            /** @description The version of the host that answers. */
            ambit: string;
            /** @description By it, clients tell what they can ask for. */
            version: string;
        };
        /** @description What went wrong. */
        OpenAiError: {
            /** @description For machines: a code of Ambit's, or OpenAI's where it has one (`model_not_found`, `invalid_api_key`). */
            code?: string | null;
            /** @description For people; says what one can do about it. */
            message: string;
            /** @description The field of the request that is wrong. */
            param?: string | null;
            /** @description The kind of failure: `invalid_request_error`. */
            type: string;
        };
        /** @description A failure. */
        OpenAiFailure: {
            /** @description What went wrong. */
            error: components["schemas"]["OpenAiError"];
        };
        /** @description A model as OpenAI's clients list them. */
        OpenAiModel: {
            /**
             * Format: int64
             * @description When it was made; 0, since nobody knows.
             */
            created: number;
            /** @description The id to name it by. */
            id: string;
            /** @description `model`. */
            object: string;
            /** @description Who runs it: `ambit`. */
            owned_by: string;
        };
        /** @description What a model gives: a message, or a call that it asks for. */
        OutputItem: components["schemas"]["OutputMessage"] | components["schemas"]["FunctionCall"];
        /** @description A message that the model wrote. */
        OutputMessage: {
            /** @description What it says: one text, once there is one. */
            content: components["schemas"]["OutputText"][];
            /** @description Its id. */
            id: string;
            /** @description `assistant`. */
            role: string;
            /** @description `in_progress`, `completed` or `incomplete`. */
            status: string;
            /** @description `message`. */
            type: string;
        };
        /** @description A text that the model wrote. */
        OutputText: {
            /** @description None. */
            annotations: unknown[];
            /** @description The text. */
            text: string;
            /** @description `output_text`. */
            type: string;
        };
        /**
         * @description How a page that was saved differs from what was kept of its address before.
         * @enum {string}
         */
        PageChange: "new" | "changed" | "same";
        /**
         * @description A code that a page exchanges for a token of its own: once, within a minute. Opened in a browser, `ADDRESS/#code=CODE` is
         *     the page, and nobody but the browser sees what follows the `#`.
         */
        PageCode: {
            /** @description Where the host serves the page, for example `http://127.0.0.1:4801`. */
            address: string;
            /** @description The code. */
            code: components["schemas"]["Secret"];
            /**
             * Format: int64
             * @description When the code ends.
             */
            expires_at: number;
        };
        /** @description Something that is said of a thing. */
        PageProperty: {
            /** @description What is said: `price`. */
            name: string;
            /** @description Its value, as plain text. */
            value: string;
        };
        /** @description A thing that a page describes for machines, in the words of schema.org. */
        PageThing: {
            /** @description What it is called. */
            name: string;
            /** @description What is said of it: 30 properties at most. */
            properties?: components["schemas"]["PageProperty"][];
            /** @description What it is: `Product`. */
            type: string;
        };
        /** @description A passage: the unit of retrieval and citation. */
        Passage: {
            /** @description The fragment that leads to it, without `#`. */
            anchor?: string | null;
            /** @description The headings above, outermost first. */
            breadcrumb: string[];
            /**
             * Format: int64
             * @description The id; a new version of the document brings new ones.
             */
            id: number;
            /**
             * Format: int32
             * @description Its place among the document's passages, from 0.
             */
            ordinal: number;
            /** @description Where it stands in the source. */
            span: components["schemas"]["Span"];
            /** @description The text. */
            text: string;
        };
        /** @description A place in a text; both count from 0. One behind the end of a line is its end, one behind the last line the end of the text. */
        Position: {
            /**
             * Format: int32
             * @description The place in the line.
             */
            character: number;
            /**
             * Format: int32
             * @description The line.
             */
            line: number;
        };
        /**
         * @description What a place in a line counts.
         * @enum {string}
         */
        PositionEncoding: "utf-8" | "utf-16" | "utf-32";
        /** @description A message to a language model. */
        PreviewMessage: {
            /** @description Who speaks: `system`, `user`, `assistant` or `tool`. */
            role: string;
            /** @description What is said, word for word. */
            text: string;
        };
        /** @description A failure (RFC 9457, `application/problem+json`) with a code for machines and a hint for people. */
        Problem: {
            /** @description The kind of problem, for machines: `not-found`. More codes may come. */
            code: string;
            /** @description What happened this time. */
            detail: string;
            /** @description What one can do about it. */
            hint?: string | null;
            /** @description The request that failed: `urn:ambit:request:` and its id, as the host's log knows it. */
            instance?: string | null;
            /**
             * Format: int64
             * @description In how many seconds the same may be tried again, where that is known; the header `Retry-After` says so too.
             */
            retry_after?: number | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The kind of problem in a few words; the same for all problems of a code. */
            title: string;
            /** @description Identifies the kind of problem: `urn:ambit:problem:` and the code. */
            type: string;
        };
        /** @description A server of language models. Its models are named `PROVIDER/MODEL` wherever a model is named. */
        Provider: {
            /** @description Whether the user consented to send to it; without, one on another machine gets nothing. */
            consented: boolean;
            /**
             * Format: int64
             * @description How many tokens of conversation its models read.
             */
            context_tokens: number;
            /** @description Folders whose passages may be sent to it, when it runs on another machine. */
            folders: string[];
            /** @description The host of the address. */
            host: string;
            /** @description Those of its models that take images. */
            image_models?: string[];
            /** @description Where its key is kept, for people; absent when it has none. */
            key?: string | null;
            /** @description What it speaks. */
            kind: components["schemas"]["ProviderKind"];
            /** @description Models that lists show, by the server's names; others can be asked as well. */
            models: string[];
            /** @description Its name. */
            name: string;
            /**
             * @description Those of `models` that it passes on to another machine, though it runs on this one: Ollama's cloud. The rules for
             *     other machines hold for them.
             */
            passed_on?: string[];
            /** @description Whether it runs on another machine. */
            remote: boolean;
            /** @description Where it is. */
            url: string;
        };
        /** @description What is to be different about a provider; what is absent stays. */
        ProviderChange: {
            /**
             * Format: int64
             * @description How many tokens of conversation its models read.
             */
            context_tokens?: number | null;
            /** @description Models that take images. */
            image_models?: string[] | null;
            /** @description Models that lists are to show. */
            models?: string[] | null;
            /** @description Where it is now. Consent is needed anew; when the host is another one, so is the key. */
            url?: string | null;
        };
        /** @description A folder whose passages a provider may be sent. */
        ProviderFolder: {
            /** @description Absolute path. */
            path: string;
        };
        /** @description The key of a provider. */
        ProviderKey: {
            /** @description What its requests carry as `Authorization: Bearer …`. */
            key: components["schemas"]["Secret"];
        };
        /**
         * @description What a server of language models speaks.
         * @enum {string}
         */
        ProviderKind: "openai" | "ollama";
        /** @description All providers. */
        ProviderList: {
            /** @description The providers, by name. */
            providers: components["schemas"]["Provider"][];
        };
        /** @description Progress of a download or import. The last event is `finished` or `failed`. */
        PullEvent: {
            /**
             * Format: int64
             * @description Bytes of all files.
             */
            bytes: number;
            /** @enum {string} */
            event: "planned";
            fit?: components["schemas"]["Fit"] | null;
            /** @description The name that the model will have. */
            model: string;
            /** @description Where they are from. */
            origin: components["schemas"]["ModelOrigin"];
        } | {
            /**
             * Format: int64
             * @description Bytes that are here.
             */
            done: number;
            /** @enum {string} */
            event: "progress";
            /** @description The file's name. */
            file: string;
            /**
             * Format: int64
             * @description Bytes in all.
             */
            total: number;
        } | {
            /** @enum {string} */
            event: "verified";
            /** @description The file's name. */
            file: string;
        } | {
            /** @enum {string} */
            event: "finished";
            /** @description The model. */
            model: components["schemas"]["Model"];
        } | {
            /** @enum {string} */
            event: "failed";
            /** @description Why. */
            problem: components["schemas"]["Problem"];
        };
        /** @description The models that are on their way here. */
        PullList: {
            /** @description By what was asked for. */
            pulls: string[];
        };
        /** @description Where a model's files come from, and how they are taken in. */
        PullRequest: {
            /** @description Whether it is taken even if it will not fit into memory. */
            force?: boolean;
            /** @description Whether it goes on when the connection closes: `GET /v1/models/{id}/pull` tells it again, and `DELETE` stops it. */
            goes_on?: boolean;
            /** @description The name that a model of the hub gets here. When absent, one is made up of those of repository and file. */
            name?: string | null;
            /**
             * @description Absolute path of a file, a folder or an archive (`.zip`, `.whl`) on this machine that holds the files. When absent
             *     they come from the model hub, over the network.
             */
            path?: string | null;
        };
        /** @description From a place to another, which is not part of it. */
        Range: {
            /** @description The place behind it. */
            end: components["schemas"]["Position"];
            /** @description Its first place. */
            start: components["schemas"]["Position"];
        };
        /** @description Tokens that are not shown. */
        ReasoningTokens: {
            /**
             * Format: int64
             * @description How many; none.
             */
            reasoning_tokens: number;
        };
        /** @description Asks for derived stores to be emptied and filled again from the stored text. */
        RebuildRequest: {
            /** @description Which ones. */
            target?: components["schemas"]["RebuildTarget"];
        };
        /**
         * @description Which derived stores are made anew.
         * @enum {string}
         */
        RebuildTarget: "vectors" | "graph" | "all";
        /**
         * @description Whether the passages answer the question.
         * @enum {string}
         */
        Relevance: "relevant" | "nothing-relevant";
        /** @description Whether a model's files were removed. */
        RemovedModel: {
            /** @description False when it was not installed. */
            removed: boolean;
        };
        /** @description Whether a provider was there, and is gone now. */
        RemovedProvider: {
            /** @description False when there was none. */
            removed: boolean;
        };
        /** @description A folder that is no longer indexed. */
        RemovedRoot: {
            /**
             * Format: int64
             * @description How many documents went with it.
             */
            documents: number;
        };
        /** @description Asks for indexed folders to be compared with the disk again. */
        RescanRequest: {
            /** @description Absolute path of one indexed folder; all when absent. */
            path?: string | null;
        };
        /**
         * @description What happens while an answer is written: `response.created`, `response.in_progress`, `response.output_item.added`,
         *     `response.content_part.added`, any number of `response.output_text.delta`, `response.output_text.done`,
         *     `response.content_part.done`, `response.output_item.done`, and at the end `response.completed` or
         *     `response.incomplete`. A call comes as `response.output_item.added`, `response.function_call_arguments.delta`,
         *     `response.function_call_arguments.done` and `response.output_item.done`. When it fails, `error` and `response.failed` come instead of what is missing.
         */
        ResponseEvent: {
            /** @description How it stands. */
            response: components["schemas"]["ResponseObject"];
            /**
             * Format: int64
             * @description Counts the events, from 0.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.created";
        } | {
            /** @description How it stands. */
            response: components["schemas"]["ResponseObject"];
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.in_progress";
        } | {
            /** @description The message, without content. */
            item: components["schemas"]["OutputItem"];
            /**
             * Format: int32
             * @description 0.
             */
            output_index: number;
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.output_item.added";
        } | {
            /**
             * Format: int32
             * @description 0.
             */
            content_index: number;
            /** @description The message. */
            item_id: string;
            /**
             * Format: int32
             * @description 0.
             */
            output_index: number;
            /** @description The text, empty. */
            part: components["schemas"]["OutputText"];
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.content_part.added";
        } | {
            /**
             * Format: int32
             * @description 0.
             */
            content_index: number;
            /** @description To be appended to what came before. */
            delta: string;
            /** @description The message. */
            item_id: string;
            /** @description None. */
            logprobs: unknown[];
            /**
             * Format: int32
             * @description 0.
             */
            output_index: number;
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.output_text.delta";
        } | {
            /**
             * Format: int32
             * @description 0.
             */
            content_index: number;
            /** @description The message. */
            item_id: string;
            /** @description None. */
            logprobs: unknown[];
            /**
             * Format: int32
             * @description 0.
             */
            output_index: number;
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @description All of it. */
            text: string;
            /** @enum {string} */
            type: "response.output_text.done";
        } | {
            /**
             * Format: int32
             * @description 0.
             */
            content_index: number;
            /** @description The message. */
            item_id: string;
            /**
             * Format: int32
             * @description 0.
             */
            output_index: number;
            /** @description All of it. */
            part: components["schemas"]["OutputText"];
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.content_part.done";
        } | {
            /** @description To be appended to what came before. */
            delta: string;
            /** @description The call. */
            item_id: string;
            /**
             * Format: int32
             * @description Which item of the answer.
             */
            output_index: number;
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.function_call_arguments.delta";
        } | {
            /** @description All of them. */
            arguments: string;
            /** @description The call. */
            item_id: string;
            /** @description The name of the function. */
            name: string;
            /**
             * Format: int32
             * @description Which item of the answer.
             */
            output_index: number;
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.function_call_arguments.done";
        } | {
            /** @description The message. */
            item: components["schemas"]["OutputItem"];
            /**
             * Format: int32
             * @description 0.
             */
            output_index: number;
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.output_item.done";
        } | {
            /** @description The answer. */
            response: components["schemas"]["ResponseObject"];
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.completed";
        } | {
            /** @description The answer. */
            response: components["schemas"]["ResponseObject"];
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.incomplete";
        } | {
            /** @description For machines. */
            code?: string | null;
            /** @description For people. */
            message: string;
            /** @description The field of the request that is wrong. */
            param?: string | null;
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "error";
        } | {
            /** @description How it stands. */
            response: components["schemas"]["ResponseObject"];
            /**
             * Format: int64
             * @description Counts the events.
             */
            sequence_number: number;
            /** @enum {string} */
            type: "response.failed";
        };
        /** @description Why an answer failed. */
        ResponseFailure: {
            /** @description For machines. */
            code: string;
            /** @description For people. */
            message: string;
        };
        /** @description The form that a text must have. */
        ResponseFormat: {
            /** @description The grammar in Lark's syntax, for `grammar`. */
            grammar?: string | null;
            json_schema?: components["schemas"]["SchemaFormat"] | null;
            /** @description The regular expression that the whole text matches, for `regex`. */
            regex?: string | null;
            /** @description `text`, `json_object` or `json_schema`, and besides OpenAI's: `regex` and `grammar`. */
            type: string;
        };
        /** @description What is asked. */
        ResponseInput: string | components["schemas"]["ResponseItem"][];
        /** @description A message of the conversation, a call that the model asked for, or what came of one. */
        ResponseItem: {
            /** @description Of a call: its arguments in JSON. */
            arguments?: string | null;
            /** @description Of a call and of what came of it: by which the two belong together. */
            call_id?: string | null;
            content?: components["schemas"]["MessageContent"] | null;
            /** @description Of a call: the name of the function. */
            name?: string | null;
            /** @description What came of a call: a text, or a list of parts. */
            output?: unknown;
            /** @description Who speaks: `system`, `developer`, `user` or `assistant`. */
            role?: string | null;
            /** @description `message` or absent, `function_call`, or `function_call_output`; other kinds of items are not taken. */
            type?: string | null;
        };
        /** @description An answer, or how it stands. It is not stored. */
        ResponseObject: {
            /**
             * Format: int64
             * @description When it was begun.
             */
            created_at: number;
            error?: components["schemas"]["ResponseFailure"] | null;
            /** @description The id of the answer. */
            id: string;
            incomplete_details?: components["schemas"]["IncompleteReason"] | null;
            /** @description As in the request. */
            instructions?: string | null;
            /**
             * Format: int32
             * @description As in the request.
             */
            max_output_tokens?: number | null;
            /** @description As in the request. */
            metadata: {
                [key: string]: string;
            };
            /** @description Id of the model. */
            model: string;
            /** @description `response`. */
            object: string;
            /** @description The answer, once there is one. */
            output: components["schemas"]["OutputItem"][];
            /** @description True: the model may ask for several calls at once. */
            parallel_tool_calls: boolean;
            /** @description Null: answers are not stored, so none can be gone on with by its id. */
            previous_response_id?: string | null;
            /** @description `in_progress`, `completed`, `incomplete` or `failed`. */
            status: string;
            /** @description False. */
            store: boolean;
            /**
             * Format: float
             * @description What counts.
             */
            temperature: number;
            /** @description The form of the text. */
            text: components["schemas"]["ResponseText"];
            /** @description As in the request. */
            tool_choice: unknown;
            /** @description As in the request. */
            tools: components["schemas"]["ResponseTool"][];
            /**
             * Format: float
             * @description What counts.
             */
            top_p: number;
            /** @description `disabled`: a conversation that is too long is refused. */
            truncation: string;
            usage?: components["schemas"]["ResponseUsage"] | null;
        };
        /** @description A question, or a conversation to be gone on with. */
        ResponseRequest: {
            /** @description What is asked. */
            input: components["schemas"]["ResponseInput"];
            /** @description Instructions that go before everything else. */
            instructions?: string | null;
            /**
             * Format: int32
             * @description At most so many tokens are written; as many as the model's context holds when absent.
             */
            max_output_tokens?: number | null;
            /** @description Small facts that come back with the answer. */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @description Id of the model; the chosen one when absent. */
            model?: string | null;
            /** @description Whether the answer comes in pieces. */
            stream?: boolean | null;
            /**
             * Format: float
             * @description 0 to 2, 1 when absent.
             */
            temperature?: number | null;
            text?: components["schemas"]["ResponseTextRequest"] | null;
            /** @description `auto` (when absent), `none`, `required`, or `{"type": "function", "name": …}`. */
            tool_choice?: unknown;
            /** @description The functions that the model may ask for. */
            tools?: components["schemas"]["ResponseTool"][] | null;
            /**
             * Format: float
             * @description Above 0, at most 1; 1 when absent.
             */
            top_p?: number | null;
        };
        /** @description The form of a text. */
        ResponseText: {
            /** @description Its format. */
            format: components["schemas"]["ResponseTextFormat"];
        };
        /** @description The format of a text. */
        ResponseTextFormat: {
            /** @description The name of the schema, for people. */
            name?: string | null;
            /** @description The JSON schema, for `json_schema`. */
            schema?: unknown;
            /** @description `text`, `json_object` or `json_schema`. */
            type: string;
        };
        /** @description The form that an answer must have. */
        ResponseTextRequest: {
            format?: components["schemas"]["ResponseTextFormat"] | null;
        };
        /** @description A function that the model may ask for. */
        ResponseTool: {
            /** @description What it does, for the model. */
            description?: string | null;
            /** @description Its name. */
            name?: string | null;
            /** @description The JSON schema of the object with its arguments. */
            parameters?: unknown;
            /** @description `function`; other kinds are not taken. */
            type: string;
        };
        /** @description What an answer cost. */
        ResponseUsage: {
            /**
             * Format: int64
             * @description Tokens read.
             */
            input_tokens: number;
            /** @description Of these, tokens that were not read anew. */
            input_tokens_details: components["schemas"]["CachedTokens"];
            /**
             * Format: int64
             * @description Tokens written.
             */
            output_tokens: number;
            /** @description Of these, tokens that are not shown. */
            output_tokens_details: components["schemas"]["ReasoningTokens"];
            /**
             * Format: int64
             * @description Both together.
             */
            total_tokens: number;
        };
        /** @description Turns that are to be brought back. */
        RestoreTurns: {
            /** @description The turn that took their place. */
            replacing: string;
        };
        /** @description An indexed folder. */
        Root: {
            /**
             * Format: int64
             * @description When it was added.
             */
            added_at: number;
            /** @description How its files stand. */
            counts: components["schemas"]["IndexCounts"];
            /**
             * Format: int64
             * @description Files that the present scan has found.
             */
            discovered: number;
            /**
             * Format: int64
             * @description The id.
             */
            id: number;
            /** @description Absolute, canonical path. */
            path: string;
            /**
             * Format: int64
             * @description Files of the present scan that are done.
             */
            processed: number;
            /** @description Whether it is being read now. */
            scanning: boolean;
            /** @description Whether it can be read. */
            state: components["schemas"]["RootState"];
        };
        /** @description All indexed folders. */
        RootList: {
            /** @description The folders, by path. */
            roots: components["schemas"]["Root"][];
        };
        /**
         * @description Whether an indexed folder can be read at present.
         * @enum {string}
         */
        RootState: "scanning" | "watching" | "missing";
        /** @description A page that is kept: a Markdown file in the data directory, which is indexed. */
        SavedPage: {
            change?: components["schemas"]["PageChange"] | null;
            /** @description Whether it is only what was selected. */
            is_selection: boolean;
            /** @description The file, by which documents and citations know it. */
            path: string;
            /**
             * Format: int64
             * @description When it was saved last.
             */
            saved_at: number;
            /** @description Its title. */
            title: string;
            /** @description Its address. */
            url: string;
        };
        /** @description Pages that are kept, the last saved first. */
        SavedPageList: {
            /** @description The pages. */
            pages: components["schemas"]["SavedPage"][];
        };
        /** @description A schema with its name. */
        SchemaFormat: {
            /** @description A name for people. */
            name?: string | null;
            /** @description The JSON schema. The text fits it whether or not it is to be strict. */
            schema?: unknown;
        };
        /** @description What each part found a passage worth. Null: this part did not find it. */
        Scores: {
            /**
             * Format: float
             * @description Cosine similarity of question and passage.
             */
            dense?: number | null;
            /**
             * Format: float
             * @description Reciprocal-rank fusion of the three.
             */
            fused: number;
            /**
             * Format: float
             * @description Weight of the graph's way to the passage, 0 to 1.
             */
            graph?: number | null;
            /**
             * Format: float
             * @description BM25, larger is better.
             */
            keyword?: number | null;
            /**
             * Format: float
             * @description After reranking, 0 to 1; what the order comes from.
             */
            rerank: number;
        };
        /** @description A search. */
        SearchRequest: {
            /**
             * Format: int32
             * @description How many passages at most; 1 to 100, 10 when absent.
             */
            limit?: number | null;
            /** @description In plain language or keywords; 1 to 8000 characters once trimmed. */
            query: string;
            scope?: components["schemas"]["SearchScope"] | null;
        };
        /** @description What was found. */
        SearchResponse: {
            /** @description Parts that could not take part, each with the reason. */
            degraded: string[];
            /** @description Memories that belong to the scope, most fitting first. */
            memories: components["schemas"]["Memory"][];
            /** @description Best first. May hold weak passages when `relevance` says that nothing was relevant. */
            passages: components["schemas"]["Hit"][];
            /** @description Whether the passages answer. */
            relevance: components["schemas"]["Relevance"];
            /**
             * Format: int64
             * @description The state of the index that was asked.
             */
            sequence: number;
        };
        /** @description Where a question may look. The surface comes from the request's `Ambit-Surface` header. */
        SearchScope: {
            /**
             * @description Which passages.
             * @default {}
             */
            filter: components["schemas"]["Filter"];
            /**
             * @description The folder that the question is asked from; memories of this folder count as well.
             * @default null
             */
            folder: string | null;
        };
        /** @description Text that no log may show: `Debug` prints `Secret(…)`. */
        Secret: string;
        /** @description A conversation. */
        Session: {
            /**
             * Format: int64
             * @description When it began.
             */
            created_at: number;
            /** @description The id. */
            id: string;
            /** @description The language model that answers in it, by its name; the chosen one of the host when absent. */
            model?: string | null;
            /** @description Whether no model may answer in it that runs on another machine. */
            only_local?: boolean;
            /** @description Whether it stands before others in lists. */
            pinned?: boolean;
            /** @description The surface that began it. */
            surface: string;
            /** @description What lists show; the first question until the user names it. */
            title: string;
            /**
             * Format: int32
             * @description How many turns it has, where that is known.
             */
            turns?: number | null;
            /**
             * Format: int64
             * @description When it last changed.
             */
            updated_at: number;
        };
        /** @description A conversation with its turns. */
        SessionDetail: {
            /** @description Where it was asked for: turns that were replaced and can be brought back, in the order in which they were asked. */
            replaced?: components["schemas"]["Turn"][];
            /** @description The conversation. */
            session: components["schemas"]["Session"];
            /** @description Its turns, in order. */
            turns: components["schemas"]["Turn"][];
        };
        /** @description A page of conversations. */
        SessionPage: {
            /** @description `after` for the next page, when there may be more. */
            next?: string | null;
            /** @description The conversations, those that are pinned first and then the last changed. */
            sessions: components["schemas"]["Session"][];
        };
        /** @description A new value of a setting. */
        SetSetting: {
            /** @description The value; its form depends on the key. */
            value: unknown;
        };
        /** @description A setting with its present value. */
        Setting: {
            /** @description The values that a choice takes. */
            choices?: string[];
            /** @description The value that counts when nobody sets one. */
            default: unknown;
            /** @description What it does. */
            description: string;
            /** @description The key: `index.ignore_hidden`. */
            key: string;
            /** @description What it takes. */
            kind: components["schemas"]["SettingKind"];
            /**
             * Format: int64
             * @description The largest number.
             */
            maximum?: number | null;
            /**
             * Format: int64
             * @description The smallest number.
             */
            minimum?: number | null;
            /** @description Whether a change counts only from the next start of the host. */
            needs_restart: boolean;
            /** @description Where the value comes from: `default`, a file's path, an environment variable or `preference`. */
            origin: string;
            /** @description The value that counts. */
            value: unknown;
        };
        /**
         * @description What a setting takes.
         * @enum {string}
         */
        SettingKind: "boolean" | "integer" | "text" | "address" | "choice" | "list";
        /** @description All settings. */
        SettingList: {
            /** @description The settings, by key. */
            settings: components["schemas"]["Setting"][];
        };
        /** @description Where a piece of text stands in its source. Both ends are included and count from 1. */
        Span: {
            /**
             * Format: int32
             * @description Last line.
             */
            end: number;
            /**
             * Format: int32
             * @description First line.
             */
            start: number;
            /** @enum {string} */
            unit: "lines";
        } | {
            /**
             * Format: int32
             * @description Last page.
             */
            end: number;
            /**
             * Format: int32
             * @description First page.
             */
            start: number;
            /** @enum {string} */
            unit: "pages";
        };
        /** @description A value in the W3C's form. */
        SparqlBinding: {
            /** @enum {string} */
            type: "uri";
            /** @description An IRI. */
            value: string;
        } | {
            /** @enum {string} */
            type: "literal";
            /** @description A literal's text. */
            value: string;
        } | {
            /** @enum {string} */
            type: "bnode";
            /** @description A blank node's label. */
            value: string;
        };
        /** @description The variables of a result in the W3C's form. */
        SparqlHead: {
            /** @description Their names; empty for ASK. */
            vars?: string[];
        };
        /** @description The result in the W3C's form (SPARQL 1.1 Query Results JSON Format), for `Accept: application/sparql-results+json`. */
        SparqlResults: {
            /** @description The answer to an ASK query. */
            boolean?: boolean | null;
            /** @description The variables. */
            head: components["schemas"]["SparqlHead"];
            results?: components["schemas"]["SparqlSolutions"] | null;
        };
        /** @description The solutions of a result in the W3C's form. */
        SparqlSolutions: {
            /** @description One map for each solution; variables without a value are left out. */
            bindings: {
                [key: string]: components["schemas"]["SparqlBinding"];
            }[];
        };
        /** @description How the host stands. */
        Status: {
            /**
             * Format: int64
             * @description How many questions are being answered at present.
             */
            answering?: number;
            /** @description How work in the background may go on, such as to embed what is new. */
            background?: components["schemas"]["BackgroundStatus"];
            /** @description How all files stand. */
            counts: components["schemas"]["IndexCounts"];
            /** @description The embedding model. */
            embedder: components["schemas"]["EmbedderStatus"];
            /**
             * Format: int64
             * @description Facts that are stored in the knowledge graph.
             */
            facts: number;
            /** @description The host's own facts. */
            host: components["schemas"]["HostStatus"];
            /** @description The language model in use; without one, answers are extractive. */
            language_model?: string | null;
            /** @description Who holds what of the memory. */
            memory?: components["schemas"]["MemoryStatus"];
            /**
             * Format: int32
             * @description Its process.
             */
            process: number;
            /** @description How far indexing has come. */
            progress: components["schemas"]["IndexProgress"];
            /** @description The indexed folders. */
            roots: components["schemas"]["Root"][];
            /**
             * Format: int64
             * @description The newest change of the index.
             */
            sequence: number;
            /**
             * Format: int64
             * @description When it started.
             */
            started_at: number;
            /**
             * Format: int64
             * @description How long it has run.
             */
            uptime_millis: number;
            /**
             * Format: int64
             * @description Passages whose vectors are stored.
             */
            vectors: number;
            /** @description The version of the host. */
            version: string;
        };
        /** @description What a stream tells besides the text. */
        StreamOptions: {
            /** @description Whether the last chunk, one without choices, tells what the text cost. */
            include_usage?: boolean | null;
        };
        /**
         * @description Who suggests something.
         * @enum {string}
         */
        SuggestedBy: "counts" | "model";
        /** @description An edit somewhere in a document. */
        SuggestedEdit: {
            /** @description What it takes the place of. */
            range: components["schemas"]["Range"];
            /** @description Why, in a few words. */
            reason: string;
            /**
             * Format: int64
             * @description Its number on this line, by which one tells what became of it.
             */
            suggestion: number;
            /** @description The text. */
            text: string;
        };
        /** @description A language model that can be got from the hub, for who does not want to search for one. */
        SuggestedModel: {
            /** @description Whether it is the one to take: the largest that fits and writes fast. */
            best: boolean;
            fit?: components["schemas"]["Fit"] | null;
            /** @description Whether it is there already. */
            installed: boolean;
            /** @description Its licence, as an SPDX expression. */
            license: string;
            /** @description The name that it gets here. */
            name: string;
            /**
             * Format: int64
             * @description Bytes of its files, about.
             */
            size: number;
            /** @description What is pulled: the repository of the hub, and which of its quantisations. */
            source: string;
            /** @description What it is called. */
            title: string;
        };
        /** @description Language models to choose from. */
        SuggestedModelList: {
            /** @description The models, from small to large. */
            models: components["schemas"]["SuggestedModel"][];
        };
        /** @description What may follow. */
        Suggestion: {
            /** @description Who suggests it. */
            by: components["schemas"]["SuggestedBy"];
            /** @description What it takes the place of, on one line, and holds the place that was asked for. */
            range: components["schemas"]["Range"];
            /**
             * Format: int64
             * @description Its number on this line, by which one tells what became of it.
             */
            suggestion: number;
            /** @description The text. */
            text: string;
        };
        /** @description How suggestions fared. */
        SuggestionCounts: {
            /**
             * Format: double
             * @description The share of those shown of which something was taken, from 0 to 1; absent where none was shown.
             */
            acceptance_rate?: number | null;
            /**
             * Format: int64
             * @description All of it was taken.
             */
            accepted: number;
            /**
             * Format: int64
             * @description Was taken, and changed or removed within minutes.
             */
            changed: number;
            /**
             * Format: int64
             * @description Something else was typed.
             */
            ignored: number;
            /**
             * Format: int64
             * @description A part of it was taken.
             */
            partly_accepted: number;
            /**
             * Format: int64
             * @description It was put away.
             */
            rejected: number;
            /**
             * Format: int64
             * @description Was taken, and still stood there some minutes later.
             */
            retained: number;
            /**
             * Format: int64
             * @description Were shown, and came to their end.
             */
            shown: number;
            /**
             * Format: int64
             * @description Was not shown, since it would probably not have been taken.
             */
            silenced: number;
        };
        /**
         * @description What became of a suggestion, as far as the editor tells.
         * @enum {string}
         */
        SuggestionFate: "shown" | "accepted" | "partly-accepted" | "rejected";
        /** @description A text in the place of another. */
        TextEdit: {
            range?: components["schemas"]["Range"] | null;
            /** @description The new text. */
            text: string;
        };
        /** @description What a model is to go on from or to embed: a text, several, or tokens of some model. */
        TextInput: string | string[] | unknown[];
        /** @description One text or several, for APIs that take either. */
        Texts: string | string[];
        /** @description What the host says. */
        ToEditor: {
            /** @enum {string} */
            event: "ready";
            /** @description The host's version. */
            version: string;
        } | {
            /** @enum {string} */
            event: "resync";
            /** @description The document. */
            uri: string;
        } | {
            /** @enum {string} */
            event: "trouble";
            /** @description Why. */
            problem: components["schemas"]["Problem"];
        } | {
            /** @enum {string} */
            event: "suggested";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /** @description The suggestions. */
            suggestions: components["schemas"]["Suggestion"][];
            /**
             * Format: int32
             * @description The version that it is about.
             */
            version: number;
        } | {
            /** @description The edits. */
            edits: components["schemas"]["SuggestedEdit"][];
            /** @enum {string} */
            event: "edits";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /**
             * Format: int32
             * @description The version that they are about.
             */
            version: number;
        } | {
            /** @enum {string} */
            event: "text";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /** @description To be appended to what came before. */
            text: string;
        } | {
            edit?: components["schemas"]["TextEdit"] | null;
            /** @enum {string} */
            event: "wrote";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /** @description The whole text. */
            text: string;
        } | {
            /** @enum {string} */
            event: "failed";
            /**
             * Format: int64
             * @description The request.
             */
            id: number;
            /** @description Why. */
            problem: components["schemas"]["Problem"];
        };
        /** @description A token as lists show it: without its secret, of which the host keeps only a hash. */
        TokenInfo: {
            /**
             * Format: int64
             * @description When it was made.
             */
            created_at: number;
            /**
             * Format: int64
             * @description When it ends.
             */
            expires_at?: number | null;
            /** @description The id, to remove it by. */
            id: string;
            /** @description What it is for. */
            name: string;
            /** @description What it allows. */
            scopes: components["schemas"]["TokenScope"][];
        };
        /** @description All tokens. */
        TokenList: {
            /** @description The tokens, the oldest first. */
            tokens: components["schemas"]["TokenInfo"][];
        };
        /** @description A token that was written. */
        TokenLogprob: {
            /** @description Its bytes. */
            bytes: number[];
            /**
             * Format: float
             * @description The natural logarithm of the probability that the model gave it, before temperature, penalties and form.
             */
            logprob: number;
            /** @description Its text, with a replacement character for what is no whole character. */
            token: string;
            /** @description The likeliest tokens at its place, as many as were asked for. */
            top_logprobs: components["schemas"]["LikelyToken"][];
        };
        /**
         * @description What a token allows. Scopes do not contain each other.
         * @enum {string}
         */
        TokenScope: "read" | "chat" | "save" | "manage" | "approve";
        /** @description What a text cost. */
        TokenUsage: {
            /**
             * Format: int64
             * @description Tokens written.
             */
            completion_tokens: number;
            /**
             * Format: int64
             * @description Tokens read.
             */
            prompt_tokens: number;
            /** @description More about the tokens read. */
            prompt_tokens_details?: components["schemas"]["CachedTokens"];
            /**
             * Format: int64
             * @description Both together.
             */
            total_tokens: number;
        };
        /** @description What was sent to a provider, or held back from it. */
        Transmission: {
            /**
             * Format: int64
             * @description Its size before encryption.
             */
            bytes: number;
            /** @description The body, byte for byte; absent in lists, and once it was erased. */
            content?: string | null;
            /** @description The host of its address. */
            host: string;
            /**
             * Format: int64
             * @description Its number, from 1.
             */
            id: number;
            /** @description The model that was asked, by the provider's name for it. */
            model: string;
            /** @description Files whose text it holds; absolute paths. */
            paths: string[];
            /** @description To whom. */
            provider: string;
            /**
             * Format: int64
             * @description When it was recorded: before it was sent.
             */
            recorded_at: number;
            /** @description Whether it was sent; false: it was held back, for the user did not consent yet, or no connection could be made. */
            sent: boolean;
            /** @description The session that it belongs to. */
            session?: string | null;
            /** @description The surface that asked. */
            surface: string;
        };
        /** @description A page of what was sent. */
        TransmissionPage: {
            /**
             * Format: int64
             * @description `before` for the next page, when there may be more.
             */
            next?: number | null;
            /** @description The newest first, without content. */
            transmissions: components["schemas"]["Transmission"][];
        };
        /** @description One question and its answer. */
        Turn: {
            /** @description What the question is about, where that was named. */
            about?: components["schemas"]["Mention"][];
            answer?: components["schemas"]["Answer"] | null;
            /**
             * Format: int64
             * @description When it was asked.
             */
            asked_at: number;
            /**
             * Format: int64
             * @description When it ended.
             */
            ended_at?: number | null;
            /** @description Why it failed. */
            failure?: string | null;
            /** @description The id. */
            id: string;
            /** @description What was asked. */
            question: string;
            /** @description Whether it took the place of others, which can be brought back. */
            replaces?: boolean;
            /** @description The conversation. */
            session: string;
            /** @description How it stands. */
            status: components["schemas"]["TurnStatus"];
        };
        /**
         * @description How a turn stands.
         * @enum {string}
         */
        TurnStatus: "running" | "finished" | "failed" | "cancelled";
        /** @description What a check for updates found. */
        UpdateCheck: {
            /** @description What can be downloaded of it. Nothing is installed. */
            files: components["schemas"]["UpdateFile"][];
            /** @description Whether that is newer than the host's. */
            is_newer: boolean;
            /** @description The newest version. */
            newest: string;
            /**
             * Format: int64
             * @description When the list that tells this was published, in milliseconds since 1970.
             */
            published_at: number;
            /** @description The version of the host. */
            version: string;
            /** @description Why the list may not be the newest, for people. */
            warning?: string | null;
        };
        /** @description A download of a version. */
        UpdateFile: {
            /**
             * Format: int64
             * @description Its size.
             */
            bytes: number;
            /** @description Its digest, in hexadecimal. */
            sha256: string;
            /** @description Its address. */
            url: string;
        };
        /** @description A file that comes in pieces, for a request that needs one. */
        Upload: {
            /** @description The id. */
            id: string;
            /**
             * Format: int64
             * @description Bytes that have come.
             */
            size: number;
        };
        /** @description The next piece of a file. */
        UploadPiece: {
            /**
             * Format: int64
             * @description Where it begins: as many bytes have come before it.
             */
            at: number;
            /** @description The bytes, in base64. */
            data: string;
        };
        /** @description A state of the vectors that one can go back to. */
        VectorVersion: {
            /**
             * Format: int64
             * @description The number of the last change to documents that it holds.
             */
            sequence: number;
            /**
             * Format: int64
             * @description Its number, rising.
             */
            version: number;
            /**
             * Format: int64
             * @description When it was written.
             */
            written_at: number;
        };
        /** @description The states of the vectors that one can go back to. */
        VectorVersionList: {
            /**
             * Format: int64
             * @description The number of the last change to documents. What a state lacks is applied again after going back.
             */
            sequence: number;
            /** @description The states, the newest first: that is the present one. */
            versions: components["schemas"]["VectorVersion"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    ollama_chat: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaChatRequest"];
            };
        };
        responses: {
            /** @description Chat */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaText"];
                    "application/x-ndjson": components["schemas"]["OllamaText"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaFailure"];
                };
            };
        };
    };
    ollama_embed: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaEmbedRequest"];
            };
        };
        responses: {
            /** @description Turn texts into vectors */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaVectors"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaFailure"];
                };
            };
        };
    };
    ollama_embeddings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaEmbeddingsRequest"];
            };
        };
        responses: {
            /** @description Turn a text into a vector */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaVector"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaFailure"];
                };
            };
        };
    };
    ollama_generate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaGenerateRequest"];
            };
        };
        responses: {
            /** @description Go on with a text, answer a question, or fill a gap in a text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaText"];
                    "application/x-ndjson": components["schemas"]["OllamaText"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaFailure"];
                };
            };
        };
    };
    ollama_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaShowRequest"];
            };
        };
        responses: {
            /** @description One model */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaShown"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaFailure"];
                };
            };
        };
    };
    ollama_tags: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The models that can be asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaTags"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaFailure"];
                };
            };
        };
    };
    ollama_version: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version of Ollama whose API is spoken */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaVersion"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OllamaFailure"];
                };
            };
        };
    };
    follow_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the turn */
                turn: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Follow an answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["AskEvent"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_answer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the turn */
                turn: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is told to stop */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ask: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskRequest"];
            };
        };
        responses: {
            /** @description Ask */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["AskEvent"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AskRequest"];
            };
        };
        responses: {
            /** @description See what a language model would be asked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AskPreview"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_attachment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAttachment"];
            };
        };
        responses: {
            /** @description Hand a file over for a conversation */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attachment"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_attachment: {
        parameters: {
            query?: {
                /** @description Whether the content is told as well. */
                content?: boolean;
            };
            header?: never;
            path: {
                /** @description The id of the attachment */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A file that was handed over */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attachment"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_attachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the attachment */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take back a file that no question is about */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                before?: number;
                /** @description How many; 1 to 1000, 100 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The audit log, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    backup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupRequest"];
            };
        };
        responses: {
            /** @description Write a copy of the state */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backup"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_chat_completion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatCompletionRequest"];
            };
        };
        responses: {
            /** @description Chat */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatCompletion"];
                    "text/event-stream": components["schemas"]["ChatCompletionChunk"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiFailure"];
                };
            };
        };
    };
    note_failed_command: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FailedCommand"];
            };
        };
        responses: {
            /** @description It is taken note of */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    completion_stats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How suggestions in editors fared */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompletionStats"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_completion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is forgotten */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_completion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompletionRequest"];
            };
        };
        responses: {
            /** @description Go on with a text, or fill a gap in it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Completion"];
                    "text/event-stream": components["schemas"]["Completion"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiFailure"];
                };
            };
        };
    };
    list_documents: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                after?: string;
                /** @description How many; 1 to 1000, 100 when absent. */
                limit?: number;
                /** @description The absolute path of one document, to find that alone. */
                path?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Documents, by path */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_document: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the document */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One document with its passages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    editor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The line is open; this is a frame of the caller */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FromEditor"];
                };
            };
            /** @description No answer has this status; this is a frame of the host */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToEditor"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_transmissions: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                before?: number;
                /** @description How many; 1 to 1000, 100 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was sent to providers of language models, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransmissionPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_transmission: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One of what was sent, word for word */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transmission"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    erase_transmission: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_embedding: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmbeddingRequest"];
            };
        };
        responses: {
            /** @description Turn texts into vectors */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbeddingList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiFailure"];
                };
            };
        };
    };
    export: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Memories, sessions, preferences and folders as one document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Export"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forget: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForgetRequest"];
            };
        };
        responses: {
            /** @description Remove a source everywhere */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForgetResult"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_communities: {
        parameters: {
            query?: {
                /** @description How many groups; 1 to 100, 10 when absent. */
                limit?: number;
                /** @description How many documents of each; 1 to 100, 10 when absent. */
                members?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Groups of documents that refer to each other, the largest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommunityList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    query_graph: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GraphQuery"];
            };
        };
        responses: {
            /** @description Ask the knowledge graph in SPARQL */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GraphResult"];
                    "application/sparql-results+json": components["schemas"]["SparqlResults"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the host is there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    drain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["DrainRequest"] | null;
            };
        };
        responses: {
            /** @description Ask the host to stop */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draining"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    follow_index: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far indexing has come, as it goes on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["IndexProgress"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rebuild: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RebuildRequest"] | null;
            };
        };
        responses: {
            /** @description It is being done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rescan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RescanRequest"] | null;
            };
        };
        responses: {
            /** @description It is being done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_roots: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The indexed folders */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RootList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_root: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRoot"];
            };
        };
        responses: {
            /** @description Index a folder */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Root"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_root: {
        parameters: {
            query: {
                /** @description Absolute path of the folder. */
                path: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take a folder out of the index */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedRoot"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_files: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                after?: string;
                /** @description Only files below this absolute path. */
                below?: string;
                /** @description How many; 1 to 1000, 100 when absent. */
                limit?: number;
                /** @description Only files in this state. */
                state?: components["schemas"]["DocumentState"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How each file stands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DocumentStatusPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_versions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The states of the vectors that one can go back to */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VectorVersionList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restore_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The number of the state */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is being done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_memories: {
        parameters: {
            query?: {
                /** @description Only memories that count for questions from this folder, an absolute path. */
                folder?: string;
                /** @description Only memories that count for questions from this surface. */
                surface?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is remembered, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_memory: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMemory"];
            };
        };
        responses: {
            /** @description Remember something */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_memory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the memory */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    edit_memory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the memory */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditMemory"];
            };
        };
        responses: {
            /** @description Change a memory */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_mentionable: {
        parameters: {
            query?: {
                /** @description How many of each kind; 1 to 32, 8 when absent. */
                limit?: number;
                /** @description Words that the names hold; everything fits when absent. */
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a question may name: files and folders by their names, memories by their words */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Mentionable"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics for Prometheus */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/openmetrics-text": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All known models */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_model: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model, escaped for a URL */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One model */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_model: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the model, escaped for a URL */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Remove a model's files */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedModel"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    follow_pull: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description What was asked for, escaped for a URL */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Follow a model on its way here */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["PullEvent"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pull_model: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a known model, the name for one that is imported, or `owner/name` of a repository of the hub, after a colon which of its files or quantisations; escaped for a URL */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["PullRequest"] | null;
            };
        };
        responses: {
            /** @description Get a model's files */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["PullEvent"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_pull: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description What was asked for, escaped for a URL */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is told to stop */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_pages: {
        parameters: {
            query?: {
                /** @description Only what is kept of this address. */
                url?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Pages that are kept, the last saved first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedPageList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    save_page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPage"];
            };
        };
        responses: {
            /** @description Keep a page of the web */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_page: {
        parameters: {
            query: {
                /** @description The file of the page. */
                path: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Remove a page that was saved, with all that was read from it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForgetResult"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Servers of language models that people run */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_provider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProvider"];
            };
        };
        responses: {
            /** @description Add a server of language models */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Remove a server of language models, with its key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedProvider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderChange"];
            };
        };
        responses: {
            /** @description Change a server of language models */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    consent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Consent to send to a provider on another machine */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    withdraw_consent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take the consent back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    allow_folder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderFolder"];
            };
        };
        responses: {
            /** @description Let passages of a folder be sent to a provider */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    disallow_folder: {
        parameters: {
            query: {
                /** @description Absolute path of the folder. */
                path: string;
            };
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No longer let passages of a folder be sent to a provider */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderKey"];
            };
        };
        responses: {
            /** @description Keep the key of a provider */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the provider */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take the key of a provider away */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_pulls: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Models on their way here */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PullList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_response: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResponseRequest"];
            };
        };
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponseObject"];
                    "text/event-stream": components["schemas"]["ResponseEvent"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAiFailure"];
                };
            };
        };
    };
    search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchRequest"];
            };
        };
        responses: {
            /** @description Search */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResponse"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: {
                /** @description `next` of the page before. */
                after?: string;
                /** @description How many; 1 to 500, 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Conversations, those that are pinned first and then the last changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionPage"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_session: {
        parameters: {
            query?: {
                /** @description Whether turns that were replaced are told as well. */
                replaced?: boolean;
            };
            header?: never;
            path: {
                /** @description The id of the session */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One conversation with its turns */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the session */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the session */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditSession"];
            };
        };
        responses: {
            /** @description Change a conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    fork_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the session */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ForkSession"];
            };
        };
        responses: {
            /** @description Go on from a conversation in a new one */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restore_turns: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the session */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreTurns"];
            };
        };
        responses: {
            /** @description Bring back what a question took the place of */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    import_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportRequest"];
            };
        };
        responses: {
            /** @description Take in chats of ChatGPT or Claude */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ImportEvent"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    find_turns: {
        parameters: {
            query: {
                /** @description How many; 1 to 100, 20 when absent. */
                limit?: number;
                /** @description Words that a turn must hold, all of them, whatever their case; at most 1,000 characters. */
                query: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Conversations by what their questions and answers say */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundTurns"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All settings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_setting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key of the setting */
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetSetting"];
            };
        };
        responses: {
            /** @description Set a setting */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setting"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_setting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key of the setting */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take back what was set */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setting"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the host stands */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suggest_models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Language models to choose from */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuggestedModelList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All tokens, without their secrets */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewToken"];
            };
        };
        responses: {
            /** @description Make a token */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the token */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Remove a token */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenInfo"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_code: {
        parameters: {
            query?: {
                /** @description What the code is for: `page` or `browser`. */
                purpose?: "page" | "browser";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Make a link to the page */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PageCode"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exchange_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CodeExchange"];
            };
        };
        responses: {
            /** @description Exchange a code for a token */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedToken"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_own_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Give a token back */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenInfo"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    check_update: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Look for a newer version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UpdateCheck"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_upload: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Begin to send a file */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    append_to_upload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the upload */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UploadPiece"];
            };
        };
        responses: {
            /** @description Send the next piece of a file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_upload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the upload */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}

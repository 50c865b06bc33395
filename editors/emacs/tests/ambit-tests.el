;;; ambit-tests.el --- Tests of Ambit in a real Emacs  -*- lexical-binding: t -*-

;;; Commentary:

;; `scripts/test-editors' runs these in batch mode, in front of a real language server and host.  Keys are typed by keyboard
;; macros, which run the command loop with its hooks as if somebody typed.

;;; Code:

(require 'ert)
(require 'ambit)
(require 'eglot)
(require 'python)

(defvar ambit-tests-patience 20 "How many seconds something may take that a process does.")

(defun ambit-tests-file (name)
  "The file of the project that is called NAME."
  (expand-file-name name (getenv "AMBIT_TEST_PROJECT")))

(defun ambit-tests-wait (what holds)
  "Wait until HOLDS; fail with WHAT when it does not in time."
  (let ((end (+ (float-time) ambit-tests-patience)) (value nil))
    (while (and (not (setq value (funcall holds))) (< (float-time) end))
      (accept-process-output nil 0.02))
    (unless value (ert-fail (list 'not-in-time what (buffer-name) (buffer-string))))
    value))

(defun ambit-tests-type (text)
  "Type TEXT."
  (execute-kbd-macro (vconcat text)))

(defun ambit-tests-keys (keys)
  "Press KEYS, as `kbd' reads them."
  (execute-kbd-macro (kbd keys)))

(defun ambit-tests-ghost ()
  "Return the ghost text, with where each piece stands."
  (let ((found (seq-filter (lambda (overlay) (overlay-get overlay 'ambit)) (overlays-in (point-min) (point-max)))))
    (mapcar (lambda (overlay) (cons (overlay-start overlay) (substring-no-properties (overlay-get overlay 'after-string))))
            (seq-sort-by #'overlay-start #'< found))))

(defun ambit-tests-suggestion (&optional again)
  "Wait for ghost text, and return it as one text.
A host that still counts what is in a document suggests nothing, so AGAIN is
called now and then; by default it types, as people do who go on."
  (let ((next (1+ (float-time))))
    (ambit-tests-wait "ghost text"
                      (lambda ()
                        (when (> (float-time) next)
                          (setq next (1+ (float-time)))
                          (if again (funcall again) (ambit-tests-keys "SPC DEL")))
                        (and ambit--shown (mapconcat #'cdr (ambit-tests-ghost) ""))))))

(defun ambit-tests-first-line (text)
  "Return the first line of TEXT."
  (car (split-string text "\n")))

(defmacro ambit-tests-in (name &rest body)
  "Do BODY in the file NAME of the project, with `ambit-mode' ready there."
  (declare (indent 1))
  `(with-current-buffer (find-file-noselect (ambit-tests-file ,name))
     (switch-to-buffer (current-buffer))
     (unwind-protect
         (progn
           (setq-local indent-tabs-mode nil)
           (unless ambit-mode (ambit-mode 1))
           (ambit-tests-wait "the host is ready"
                             (lambda () (and (ambit-server) (equal (plist-get ambit--standing :message) "ready"))))
           ,@body)
       (set-buffer-modified-p nil)
       (kill-buffer))))

(defun ambit-tests-begin ()
  "Begin an expense below the last line, as it was begun twice above."
  (goto-char (point-max))
  (insert "\n\ndef add_refund(ledger, amount, reason):\n    \"\"\"Notes a refund.\"\"\"\n    ")
  (ambit-tests-type "ledger."))

(defun ambit-tests-run (&rest arguments)
  "Run `ambit' with ARGUMENTS."
  (should (zerop (apply #'call-process (expand-file-name "~/.local/bin/ambit") nil nil nil arguments))))

(defun ambit-tests-model (is-there)
  "Have a model answer when IS-THERE, or none."
  (cond (is-there
         (ambit-tests-run "providers" "add" "here" "--kind" "openai" "--url" (getenv "AMBIT_TEST_MODEL_SERVER")
                          "--model" "writer")
         (ambit-tests-run "settings" "set" "models.language" "here/writer"))
        (t
         (ambit-tests-run "settings" "unset" "models.language")
         (ambit-tests-run "providers" "remove" "here"))))

(defun ambit-tests-answer (text)
  "Have the model say TEXT from now on."
  (let ((coding-system-for-write 'utf-8))
    (write-region text nil (getenv "AMBIT_TEST_ANSWER") nil 'silent)))

(defun ambit-tests-messages ()
  "Return what was said."
  (with-current-buffer (messages-buffer) (buffer-string)))

(ert-deftest ambit-tests-accept ()
  "A suggestion stands behind what is typed, and TAB takes it."
  (ambit-tests-in "ledger.py"
    (ambit-tests-begin)
    (let ((text (ambit-tests-suggestion)) (before (buffer-string)))
      (should (equal (caar (ambit-tests-ghost)) (point)))
      (should (equal (buffer-substring (line-beginning-position) (line-end-position)) "    ledger."))
      (ambit-tests-keys "TAB")
      (should (equal (buffer-string) (concat before text)))
      (should (= (point) (point-max)))
      (undo-boundary)
      (undo 1)
      (should (equal (buffer-string) before)))))

(ert-deftest ambit-tests-parts ()
  "A suggestion is taken word by word and line by line, and typed along."
  (ambit-tests-in "ledger.py"
    (ambit-tests-begin)
    (let* ((text (ambit-tests-suggestion)) (number ambit--newest)
           (word (progn (string-match "\\`[[:alpha:]]+" text) (match-string 0 text))))
      (ambit-tests-type (substring text 0 1))
      (should (equal (mapconcat #'cdr (ambit-tests-ghost) "") (substring text 1)))
      (ambit-tests-keys "C-<right>")
      (should (string-suffix-p (concat "    ledger." word) (buffer-string)))
      (should (equal (mapconcat #'cdr (ambit-tests-ghost) "") (substring text (length word))))
      ;; Nothing was asked meanwhile.
      (should (= ambit--newest number))
      (ambit-tests-keys "C-e")
      (should (string-suffix-p (concat "    ledger." (ambit-tests-first-line text)) (buffer-string))))))

(ert-deftest ambit-tests-away ()
  "A suggestion is put away, goes when point moves, and comes when asked for."
  (ambit-tests-in "ledger.py"
    (ambit-tests-begin)
    (ambit-tests-suggestion)
    (ambit-tests-keys "C-g")
    (should-not (ambit-tests-ghost))
    (ambit-tests-keys "M-x ambit-suggest RET")
    (ambit-tests-suggestion #'ambit-suggest)
    (ambit-tests-keys "C-a")
    (should-not (ambit-tests-ghost))
    (ambit-tests-keys "TAB")
    (should-not (ambit-tests-ghost))))

(ert-deftest ambit-tests-others ()
  "There are other suggestions to choose from."
  (ambit-tests-in "ledger.py"
    (ambit-tests-begin)
    (ambit-tests-suggestion)
    ;; Two went on from here before, so there is doubt, and nothing is shown until somebody asks.
    (ambit-tests-type "entries.append((")
    (ambit-suggest)
    (let ((first (ambit-tests-suggestion #'ambit-suggest)))
      (ambit-tests-keys "M-n")
      (ambit-tests-wait "another one" (lambda () (and ambit--shown (not (equal (ambit-tests-suggestion) first)))))
      (ambit-tests-keys "M-p")
      (should (equal (ambit-tests-suggestion) first)))))

(ert-deftest ambit-tests-places ()
  "Places are right behind characters that are wide in some encoding, also in a file with CRLF."
  (let ((line "let größe = measure(\"🦀変数\", input)?;"))
    (dolist (ending '("\n" "\r\n"))
      (let ((name (if (equal ending "\n") "emacs.txt" "emacs-windows.txt")) (coding-system-for-write 'utf-8-unix))
        (write-region (apply #'concat "// 🦀 变量" ending (make-list 4 (concat line ending)))
                      nil (ambit-tests-file name) nil 'silent)
        (ambit-tests-in name
          (goto-char (point-max))
          (ambit-tests-type "/* 🦀変 */ let grö")
          (let ((text (ambit-tests-suggestion)))
            (ambit-tests-keys "TAB")
            (should (string-suffix-p (concat "/* 🦀変 */ let grö" text) (buffer-string)))
            (should (string-prefix-p (ambit-tests-first-line (concat "let grö" text)) line))
            (should-not (string-match-p "\r" (buffer-string)))))))))

(ert-deftest ambit-tests-edits ()
  "The server has the text as it is, whatever commands do to it."
  (ambit-tests-in "ledger.py"
    (goto-char (point-min))
    (ambit-tests-keys "M-u M-l M-c")
    (upcase-region (point-min) (point-max))
    (goto-char (point-min))
    (while (re-search-forward "AMOUNT" nil t) (replace-match "größe🦀"))
    (transpose-lines 3)
    (undo-boundary)
    (insert "\n# 🦀\n")
    (delete-region (point) (point-max))
    (ambit-tests-type "zebra_crossing_ahead = 1\nzebra_crossing_ahead = 2\nzebra_cr")
    (should (string-prefix-p "ossing_ahead" (ambit-tests-suggestion)))))

(ert-deftest ambit-tests-commands ()
  "The index, memories, questions, and explanations are there."
  (ambit-tests-in "report.py"
    (ambit-index-status)
    (ambit-tests-wait "how far the index is"
                      (lambda () (string-match-p "1 folders: [0-9]+ files indexed" (ambit-tests-messages))))
    (ambit-remember "Receipts are kept in the blue folder.")
    (ambit-tests-wait "it was remembered"
                      (lambda () (string-match-p "remembered: Receipts are kept" (ambit-tests-messages))))
    (ambit-ask "How long does the auditor want receipts kept?")
    (with-current-buffer (ambit-tests-wait "an answer" (lambda () (get-buffer "*Ambit*")))
      (should (string-match-p "\\[1\\] .*decisions\\.md:[0-9]+" (buffer-string)))
      (goto-char (point-max))
      (forward-button -1)
      (push-button)
      (should (string-suffix-p "decisions.md" (buffer-file-name (window-buffer))))
      (kill-buffer "*Ambit*"))))

(ert-deftest ambit-tests-tasks ()
  "A change is made once somebody agrees; without a model that is said."
  (ambit-tests-in "report.py"
    (goto-char (point-min))
    (search-forward "def report")
    (ambit-document)
    (ambit-tests-wait "that there is no model" (lambda () (string-match-p "Ambit: .*model" (ambit-tests-messages))))
    (ambit-tests-model t)
    (ambit-tests-answer "```python\n# Prints what was noted.\ndef report(ledger):\n```")
    (cl-letf* ((asked nil) ((symbol-function 'y-or-n-p) (lambda (prompt) (setq asked prompt) t)))
      (ambit-document)
      (ambit-tests-wait "the change" (lambda () (string-match-p "# Prints what was noted\\." (buffer-string))))
      (should (string-match-p "Document with Ambit" asked))
      (with-current-buffer "*Ambit change*"
        (should (string-match-p "^\\+# Prints what was noted\\." (buffer-string)))))
    (ambit-fix)
    (ambit-tests-wait "that nothing is to be fixed"
                      (lambda () (string-match-p "no diagnostic stands here" (ambit-tests-messages))))
    (ambit-tests-answer "It prints the entries.")
    (ambit-explain)
    (with-current-buffer (ambit-tests-wait "an explanation" (lambda () (get-buffer "*Ambit*")))
      (should (string-match-p "It prints the entries\\." (buffer-string)))
      (kill-buffer))
    (ambit-tests-model nil)))

(ert-deftest ambit-tests-alone ()
  "What is not to be told is not told."
  (let ((ambit-disabled-files '("**/private/**" "*.env")) (ambit-disabled-modes '(text-mode)))
    (with-temp-buffer
      (dolist (case '(("/a/private/b/c.py" . nil) ("/a/public/c.py" . t) ("/a/b/prod.env" . nil) ("/a/b/prod.envy" . t)))
        (setq buffer-file-name (car case))
        (should (eq (and (ambit--admitted-p) t) (cdr case))))
      (setq buffer-file-name nil)
      (text-mode)
      (should-not (ambit--admitted-p)))))

(ert-deftest ambit-tests-missing ()
  "Where the program is missing, that is said with what to do."
  (let ((ambit-program "/nowhere/ambit-lsp"))
    (with-temp-buffer
      (should (string-match-p "/nowhere/ambit-lsp, which `ambit-program' names, is no program"
                              (cadr (should-error (ambit-mode 1) :type 'user-error))))
      (should-not ambit-mode)))
  (let ((exec-path nil))
    (should (equal (ambit-locate-program) (expand-file-name "~/.local/bin/ambit-lsp")))))

(ert-deftest ambit-tests-restart ()
  "A server that ended is started again, and has the text anew."
  (ambit-tests-in "ledger.py"
    (let ((before (jsonrpc--process ambit--connection)))
      (signal-process before 'SIGKILL)
      (ambit-tests-wait "its end" (lambda () (not (process-live-p before))))
      (ambit-tests-wait "another one" (lambda () (ambit-server)))
      (ambit-tests-wait "the host is ready" (lambda () (equal (plist-get ambit--standing :message) "ready")))
      (ambit-tests-begin)
      (ambit-tests-suggestion))))

(ert-deftest ambit-tests-large ()
  "A large file is no obstacle."
  ;; Away from the project, whose other tests need not wait for it to be counted.
  (make-directory "~/large" t)
  (with-temp-file "~/large/large.py"
    (dotimes (number 50000)
      (insert (format "value_%d = compute(%d, scale)\n" number (mod number 97)))))
  (ambit-tests-in "~/large/large.py"
    (goto-char (point-max))
    (ambit-tests-type "value_x = comp")
    (should (string-prefix-p "ute(" (ambit-tests-suggestion)))))

(ert-deftest ambit-tests-zz-eglot ()
  "Where Eglot starts the server, ghost text comes by that, beside what Eglot has."
  (ambit-eglot-use '(python-mode))
  (should (equal (cadr (assoc '(python-mode) eglot-server-programs)) (ambit-locate-program)))
  (with-current-buffer (find-file-noselect (ambit-tests-file "ledger.py"))
    (switch-to-buffer (current-buffer))
    (setq-local indent-tabs-mode nil)
    (apply #'eglot (eglot--guess-contact))
    (ambit-tests-wait "Eglot manages the buffer" (lambda () (and (ambit--eglot) (eglot-managed-p))))
    (ambit-mode 1)
    (should-not ambit--uri)
    ;; The host may still be opening the document.
    (goto-char (point-min))
    (search-forward "add_expense")
    (backward-char 2)
    (let ((hover (ambit-tests-wait
                  "what is known of a function"
                  (lambda ()
                    (let ((found (jsonrpc-request (eglot-current-server) :textDocument/hover
                                                  (eglot--TextDocumentPositionParams))))
                      (and found (plist-get (plist-get found :contents) :value)))))))
      (should (string-match-p "ledger\\.py:" hover)))
    (goto-char (point-max))
    (insert "\nadd_exp")
    (ambit-tests-wait
     "words in the list of completions"
     (lambda ()
       (eglot--signal-textDocument/didChange)
       (let ((found (ambit-tests-words)))
         (member "add_expense" found))))
    (delete-region (line-beginning-position) (point-max))
    (ambit-tests-begin)
    (let ((text (ambit-tests-suggestion)))
      (ambit-tests-keys "TAB")
      (should (string-suffix-p (concat "    ledger." text) (buffer-string))))
    ;; Eglot counts places otherwise than our own connection does.
    (insert "\n" (apply #'concat (make-list 4 "let größe = measure(\"🦀変数\", input)?;\n")))
    (ambit-tests-type "/* 🦀変 */ let grö")
    (let ((text (ambit-tests-suggestion)))
      (should (string-prefix-p "ße" text))
      (ambit-tests-keys "TAB")
      (should (string-suffix-p (concat "/* 🦀変 */ let grö" text) (buffer-string))))
    (let ((titles (mapcar (lambda (action) (plist-get action :title))
                          (eglot-code-actions (line-beginning-position) (line-end-position)))))
      (should (member "Explain with Ambit" titles)))
    (set-buffer-modified-p nil)
    ;; Eglot says `null' where a request has no parameters, and the library of the server refuses that for this one.
    (eglot-shutdown (eglot-current-server))
    (kill-buffer)))

(defun ambit-tests-words ()
  "Return what Eglot offers at point."
  (pcase (eglot-completion-at-point)
    (`(,start ,end ,table . ,_)
     (mapcar #'substring-no-properties (all-completions (buffer-substring start end) table)))))

;;; ambit-tests.el ends here

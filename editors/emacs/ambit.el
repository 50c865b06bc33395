;;; ambit.el --- Suggestions, questions and changes by Ambit  -*- lexical-binding: t -*-

;; Author: The authors of Ambit
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (jsonrpc "1.0.14") (eglot "1.9"))
;; Keywords: convenience, languages, tools
;; SPDX-License-Identifier: Apache-2.0 OR MIT

;; This file is part of Ambit, under Apache-2.0 or MIT.

;;; Commentary:

;; Ambit is an assistant that knows your files and stays on your machine.  `ambit-mode' shows what may follow while you type;
;; TAB takes it.  `ambit-ask' asks a question, and `ambit-explain', `ambit-fix' and the others have a language model write.
;;
;; It needs `ambit' and `ambit-lsp', on PATH or in ~/.local/bin.  The README beside this file tells how it goes together with
;; Eglot and other language servers.

;;; Code:

(require 'ambit-connection)
(require 'ambit-suggestion)
(require 'diff)
(require 'flymake)

(declare-function eglot-alternatives "eglot")
(declare-function eglot--apply-workspace-edit "eglot")
(defvar eglot-server-programs)

(defcustom ambit-confirm-changes t
  "Whether what a model wrote is shown as a difference before it is made."
  :type 'boolean
  :group 'ambit)

;;;; The mode

(defun ambit--lighter ()
  "Return the text of the mode line."
  (cond ((ambit--eglot) " Ambit")
        ((not (ambit-locate-program)) " Ambit:missing")
        ((not (ambit--admitted-p)) " Ambit:off")
        ((equal (plist-get ambit--standing :kind) "Error") " Ambit:no-host")
        ((or (null ambit--standing) (eq (plist-get ambit--standing :busy) t)) " Ambit:starting")
        ((and ambit-subtle ambit--suggestions (not ambit--shown)) " Ambit*")
        (t " Ambit")))

;;;###autoload
(define-minor-mode ambit-mode
  "Show what may follow while you type."
  :lighter (:eval (ambit--lighter))
  (if ambit-mode
      (progn
        (unless (or (ambit-locate-program) (ambit--eglot))
          (setq ambit-mode nil)
          (user-error "%s" (ambit--missing)))
        (setq ambit--tick (buffer-chars-modified-tick))
        (add-hook 'before-change-functions #'ambit--before-change nil t)
        (add-hook 'after-change-functions #'ambit--after-change nil t)
        (add-hook 'post-command-hook #'ambit--follow nil t)
        (add-hook 'after-save-hook #'ambit--saved nil t)
        (add-hook 'kill-buffer-hook #'ambit--close nil t)
        (add-hook 'after-revert-hook #'ambit--reverted nil t)
        (add-hook 'eglot-managed-mode-hook #'ambit--eglot-came nil t)
        (ambit-server))
    (remove-hook 'before-change-functions #'ambit--before-change t)
    (remove-hook 'after-change-functions #'ambit--after-change t)
    (remove-hook 'post-command-hook #'ambit--follow t)
    (remove-hook 'after-save-hook #'ambit--saved t)
    (remove-hook 'kill-buffer-hook #'ambit--close t)
    (remove-hook 'after-revert-hook #'ambit--reverted t)
    (remove-hook 'eglot-managed-mode-hook #'ambit--eglot-came t)
    (ambit--hide)
    (ambit--close)))

(defun ambit--reverted ()
  "Tell our own server the text anew."
  (when ambit--uri
    (ambit--close)
    (ambit--open)))

(defun ambit--eglot-came ()
  "Leave this buffer to Eglot's connection, where that is to our server."
  (when (ambit--eglot) (ambit--close)))

(defun ambit--turn-on ()
  "Switch `ambit-mode' on where one writes, and where it can be had."
  (when (and buffer-file-name (derived-mode-p 'prog-mode 'text-mode 'conf-mode) (ambit-locate-program))
    (ambit-mode 1)))

;;;###autoload
(define-globalized-minor-mode global-ambit-mode ambit-mode ambit--turn-on
  :group 'ambit)

;;;; Eglot

;;;###autoload
(defun ambit-eglot-use (modes)
  "Have Eglot start `ambit-lsp' for buffers of MODES, a list of major modes.
Eglot has one server in a buffer.  So this is for languages that have no
other, and \\[universal-argument] \\[eglot] chooses where there are several."
  (require 'eglot)
  (let ((program (or (ambit-locate-program) "ambit-lsp")))
    (push (cons modes `(,program "--stdio" :initializationOptions ,(ambit--settings))) eglot-server-programs)))

;;;; Asking

(defun ambit--server-or-fail ()
  "Return the connection that can be asked, or say why there is none."
  (or (ambit-server)
      (and ambit--connection (jsonrpc-running-p ambit--connection) (ambit-connection-ready ambit--connection)
           ambit--connection)
      (user-error "%s" (cond ((not (ambit-locate-program)) (ambit--missing))
                             (ambit-mode "Ambit is starting, or leaves this buffer alone")
                             (t "Ambit is not on in this buffer; M-x ambit-mode switches it on")))))

(defun ambit--ask-server (method params done &optional quiet)
  "Ask the server by METHOD with PARAMS, and call DONE with the result.
What fails is told.  With QUIET the server need not show the result as well."
  (let* ((server (ambit--server-or-fail))
         (count (if quiet 1 0))
         (finish (lambda () (setq ambit--quiet (- ambit--quiet count)))))
    (ambit--tell-changes)
    (setq ambit--quiet (+ ambit--quiet count))
    (jsonrpc-async-request server method params
                           :success-fn (lambda (result) (funcall finish) (funcall done result))
                           :error-fn (lambda (failure)
                                       (funcall finish)
                                       (message "Ambit: %s" (plist-get failure :message)))
                           :timeout 600
                           :timeout-fn (lambda () (funcall finish) (message "Ambit did not answer")))))

(defun ambit--execute (command arguments done &optional quiet)
  "Have the server do COMMAND with ARGUMENTS, and call DONE with the result.
QUIET is as for `ambit--ask-server'."
  (ambit--ask-server :workspace/executeCommand (list :command command :arguments arguments) done quiet))

(define-derived-mode ambit-answer-mode special-mode "Ambit"
  "An answer of Ambit, with its sources."
  (setq-local word-wrap t))

(defun ambit--show (title text sources)
  "Show TEXT under TITLE, with SOURCES below it."
  (with-current-buffer (get-buffer-create "*Ambit*")
    (ambit-answer-mode)
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert (propertize title 'face 'bold) "\n\n" text "\n")
      (seq-doseq (source sources)
        (let* ((path (plist-get source :path)) (span (plist-get source :span)) (line (plist-get span :start))
               (is-page (equal (plist-get span :unit) "pages")))
          (insert (format "\n[%d] " (plist-get source :number)))
          (insert-text-button (format (if is-page "%s, page %d" "%s:%d") (abbreviate-file-name path) line)
                              'action (lambda (_) (ambit--visit path (and (not is-page) line))))))
      (goto-char (point-min)))
    (display-buffer (current-buffer))))

(defun ambit--visit (path line)
  "Show the file at PATH, at LINE where that is given."
  (find-file-other-window path)
  (when line
    (goto-char (point-min))
    (forward-line (1- line))))

(defun ambit--quotation ()
  "Return what is selected as a quotation, or nothing."
  (if (not (use-region-p))
      ""
    (let* ((code (string-trim-right (buffer-substring-no-properties (region-beginning) (region-end))))
           (longest 2) (from 0))
      ;; A fence must be longer than all that stand in the code.
      (while (string-match "```+" code from)
        (setq longest (max longest (length (match-string 0 code))) from (match-end 0)))
      (let ((fence (make-string (1+ longest) ?`)))
        (format "\n\n%s:\n%s%s\n%s\n%s" (if buffer-file-name (file-relative-name buffer-file-name) (buffer-name))
                fence (ambit--language major-mode) code fence)))))

;;;###autoload
(defun ambit-ask (question)
  "Ask QUESTION, about what is selected where something is."
  (interactive "sAsk Ambit: ")
  (message "Ambit: asking…")
  (ambit--execute "ambit.ask" (vector (concat question (ambit--quotation)))
                  (lambda (answer) (ambit--show question (plist-get answer :text) (plist-get answer :citations)))))

(defun ambit-remember (text)
  "Have Ambit remember TEXT, by default what is selected."
  (interactive (list (if (use-region-p)
                         (buffer-substring-no-properties (region-beginning) (region-end))
                       (read-string "Remember: "))))
  (ambit--execute "ambit.remember" (vector text)
                  (lambda (memory) (message "Ambit: remembered: %s" (plist-get memory :text)))))

(defun ambit-index-status ()
  "Say how far the index is."
  (interactive)
  (ambit--execute "ambit.indexStatus" [] (lambda (status) (message "Ambit: %s" (plist-get status :text)))
                  'quiet))

(defun ambit-open-chat ()
  "Show the chat in the desktop app."
  (interactive)
  (ambit--execute "ambit.openChat" [] #'ignore))

(defun ambit-status ()
  "Say how things stand."
  (interactive)
  (message "Ambit: %s"
           (cond ((not (or (ambit--eglot) (ambit-locate-program))) (ambit--missing))
                 ((not (ambit--admitted-p)) "switched off for this buffer")
                 (ambit--standing (plist-get ambit--standing :message))
                 (t "no language server runs"))))

(defun ambit-restart ()
  "Start our own language server anew."
  (interactive)
  (when (and ambit--connection (jsonrpc-running-p ambit--connection))
    (jsonrpc-shutdown ambit--connection))
  (setq ambit--connection nil)
  (ambit-server))

;;;; What a model writes

(defun ambit--diagnostics (server)
  "Return the diagnostics at point or in the region, as SERVER takes them."
  (let ((encoding (ambit--encoding server)) (found nil))
    (when (bound-and-true-p flymake-mode)
      (dolist (diagnostic (flymake-diagnostics (if (use-region-p) (region-beginning) (line-beginning-position))
                                               (if (use-region-p) (region-end) (line-end-position))))
        (push (list :range (list :start (ambit--place (flymake-diagnostic-beg diagnostic) encoding)
                                 :end (ambit--place (flymake-diagnostic-end diagnostic) encoding))
                    :message (flymake-diagnostic-text diagnostic))
              found)))
    (apply #'vector found)))

(defun ambit--task (action)
  "Return the task of ACTION, which is one of the server."
  (let ((arguments (plist-get (plist-get action :command) :arguments)))
    (plist-get (or (plist-get action :data) (and (vectorp arguments) (aref arguments 0))) :task)))

(defun ambit--do (task absent)
  "Have a model do TASK at point or in the region; say ABSENT when it cannot."
  (let* ((server (ambit--server-or-fail))
         (encoding (ambit--encoding server))
         (buffer (current-buffer))
         (start (ambit--place (if (use-region-p) (region-beginning) (point)) encoding))
         (end (ambit--place (if (use-region-p) (region-end) (point)) encoding)))
    (ambit--ask-server
     :textDocument/codeAction
     (list :textDocument (ambit--document) :range (list :start start :end end)
           :context (list :diagnostics (ambit--diagnostics server) :triggerKind 1))
     (lambda (actions)
       (let ((action (seq-find (lambda (action) (equal (ambit--task action) task)) actions)))
         (cond ((null action) (message "Ambit: %s" absent))
               ((plist-get action :command)
                (with-current-buffer buffer
                  (ambit--execute "ambit.explain" (plist-get (plist-get action :command) :arguments)
                                  (lambda (explained)
                                    (ambit--show "Explained by Ambit" (plist-get explained :text) nil))
                                  'quiet)))
               (t (with-current-buffer buffer (ambit--resolve server action)))))))))

(defun ambit--resolve (server action)
  "Have SERVER write the edit of ACTION, and propose that."
  (let ((buffer (current-buffer)) (tick (buffer-chars-modified-tick)))
    (message "Ambit: %s…" (plist-get action :title))
    (ambit--ask-server
     :codeAction/resolve action
     (lambda (resolved)
       ;; Nobody can be asked something while an answer is being read.
       (run-at-time 0 nil (lambda ()
                            (when (buffer-live-p buffer)
                              (with-current-buffer buffer
                                (if (= tick (buffer-chars-modified-tick))
                                    (ambit--propose server (plist-get resolved :title) (plist-get resolved :edit))
                                  (message "Ambit: the text has changed meanwhile")))))))
     'quiet)))

(defun ambit--propose (server title edit)
  "Make EDIT of SERVER in this buffer, once people agree to TITLE."
  (let* ((encoding (ambit--encoding server))
         (edits (cdar (ambit--edits edit)))
         (before (ambit--whole-text))
         (after (with-temp-buffer
                  (insert before)
                  (ambit--apply-text-edits edits encoding)
                  (buffer-string))))
    (when (or (not ambit-confirm-changes)
              (save-window-excursion
                (ambit--show-difference title before after)
                (y-or-n-p (format "%s: make this change? " title))))
      (ambit--apply-text-edits edits encoding)
      (message "Ambit: done"))))

(defun ambit--show-difference (title before after)
  "Show how BEFORE and AFTER differ, under TITLE."
  (let ((old (make-temp-file "ambit-" nil nil before)) (new (make-temp-file "ambit-" nil nil after)))
    (unwind-protect
        (with-current-buffer (get-buffer-create "*Ambit change*")
          (let ((inhibit-read-only t))
            (erase-buffer)
            (call-process diff-command nil t nil "-u" "--label" "now" "--label" title old new)
            (diff-mode)
            (goto-char (point-min)))
          (display-buffer (current-buffer)))
      (delete-file old)
      (delete-file new))))

(defmacro ambit--define-task (name task documentation &optional absent)
  "Define the command NAME that does TASK, with DOCUMENTATION.
ABSENT is said where the server does not offer it."
  `(defun ,name ()
     ,documentation
     (interactive)
     (ambit--do ,task ,(or absent "it leaves this buffer alone"))))

(ambit--define-task ambit-explain "explain" "Explain what is selected, or what the line holds.")
(ambit--define-task ambit-fix "fix" "Fix what the diagnostics here say." "no diagnostic stands here")
(ambit--define-task ambit-document "document" "Document what is selected, or what the line holds.")
(ambit--define-task ambit-write-test "test" "Write a test of what is selected, or of what the line holds.")
(ambit--define-task ambit-simplify "simplify" "Simplify what is selected, or what the line holds.")
(ambit--define-task ambit-translate-comments "translate-comments" "Translate the comments here into English."
                    "no comment stands here")
(ambit--define-task ambit-generate "generate" "Write the code that the comment here describes."
                    "no comment stands here")

(provide 'ambit)
;;; ambit.el ends here

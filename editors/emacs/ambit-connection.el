;;; ambit-connection.el --- Ambit's language server  -*- lexical-binding: t -*-

;; This file is part of Ambit, under Apache-2.0 or MIT.

;;; Commentary:

;; How buffers reach `ambit-lsp'.  Where Eglot manages a buffer by it, Eglot's connection is used.  Everywhere else there is
;; one connection of our own, beside whatever language server the buffer has otherwise.  So this file also tells that server
;; what is open and what is edited, as Eglot does for its own.

;;; Code:

(require 'cl-lib)
(require 'jsonrpc)
(require 'project)
(require 'seq)
(require 'subr-x)
(require 'url-util)

(declare-function eglot-current-server "eglot")
(declare-function eglot--TextDocumentIdentifier "eglot")
(declare-function eglot--capabilities "eglot")
(declare-function eglot--server-info "eglot")
(declare-function eglot--signal-textDocument/didChange "eglot")

(defgroup ambit nil
  "Suggestions, questions and changes by Ambit."
  :group 'tools
  :prefix "ambit-")

(defcustom ambit-program nil
  "The absolute name of `ambit-lsp'; nil means that it is looked for."
  :type '(choice (const :tag "Look for it" nil) file))

(defcustom ambit-disabled-modes nil
  "Major modes whose buffers are left alone."
  :type '(repeat symbol))

(defcustom ambit-disabled-files nil
  "Globs of files that are left alone, such as \"*.env\".
One without a slash is about names in every folder."
  :type '(repeat string))

(defcustom ambit-maximum-lines 0
  "How many lines a suggestion may have; 0 means as many as fit."
  :type 'natnum)

(defvar-local ambit--uri nil "How the server calls this buffer; nil when our own connection does not know it.")
(defvar-local ambit--opener nil "The connection that was told that this buffer is open.")
(defvar-local ambit--version 0 "The version of this buffer that the server knows.")
(defvar-local ambit--changes nil
  "Edits that the server does not know yet, the newest first.
It is `all' when the whole text has to be told.")
(defvar-local ambit--before nil "What the last change was to be: its beginning, its end, and both as places.")
(defvar ambit--connection nil "Our own connection.")
(defvar ambit--quiet 0
  "How many answers are awaited that are not for the echo area.")
(defvar ambit--standing nil "How the host stands, in the words of the server: a property list.")

(defclass ambit-connection (jsonrpc-process-connection)
  ((capabilities :initform nil :accessor ambit-connection-capabilities)
   (folders :initform nil :accessor ambit-connection-folders)
   (ready :initform nil :accessor ambit-connection-ready))
  :documentation "A connection to `ambit-lsp'.")

;;;; Where the server is

(defun ambit-locate-program ()
  "Return the absolute name of `ambit-lsp', or nil when it is nowhere.
What `ambit-program' names counts alone."
  (if ambit-program
      (let ((named (expand-file-name ambit-program)))
        (and (file-executable-p named) named))
    ;; An Emacs that the desktop started may not have what the shell adds to PATH, and `make install' puts programs there.
    (let ((folders (append (seq-filter (lambda (it) (and it (file-name-absolute-p it))) exec-path)
                           (list (expand-file-name "~/.local/bin")))))
      (or (locate-file "ambit-lsp" folders exec-suffixes #'file-executable-p)
          ;; Only a link to `ambit' may be on PATH, and its neighbour where it leads to.
          (when-let* ((ambit (locate-file "ambit" folders exec-suffixes #'file-executable-p))
                      (beside (expand-file-name "ambit-lsp" (file-name-directory (file-truename ambit)))))
            (and (file-executable-p beside) beside))))))

(defun ambit--missing ()
  "Say what to do about a server that is not there."
  (if ambit-program
      (format "%s, which `ambit-program' names, is no program" ambit-program)
    (concat "`ambit-lsp' was not found on PATH or in ~/.local/bin; `make install' in the source of Ambit puts it there, "
            "and `ambit-program' names another place")))

;;;; Where Ambit is switched off

(defun ambit--matches-p (glob file)
  "Whether GLOB is one of FILE."
  (let ((regexp (replace-regexp-in-string
                 "\\*\\*/\\|\\*\\*\\|\\*\\|\\?\\|[^*?]+"
                 (lambda (part)
                   (pcase part
                     ("**/" "\\\\(?:.*/\\\\)?")
                     ("**" ".*")
                     ("*" "[^/]*")
                     ("?" "[^/]")
                     (_ (replace-regexp-in-string "\\\\" "\\\\" (regexp-quote part) t t))))
                 glob t)))
    (string-match-p (concat "\\`" regexp "\\'")
                    (if (string-match-p "/" glob) file (file-name-nondirectory file)))))

(defun ambit--admitted-p ()
  "Whether this buffer may be told to the host."
  (not (or (apply #'derived-mode-p ambit-disabled-modes)
           (and buffer-file-name
                (seq-some (lambda (glob) (ambit--matches-p glob buffer-file-name)) ambit-disabled-files)))))

(defun ambit--settings ()
  "The settings as the server knows them."
  `(:disabledLanguages ,(apply #'vector (mapcar #'ambit--language ambit-disabled-modes))
    :disabledFiles ,(apply #'vector ambit-disabled-files)
    :maximumLines ,ambit-maximum-lines))

(defconst ambit--languages
  '((c++ . "cpp") (js . "javascript") (js2 . "javascript") (tsx . "typescriptreact") (sh . "shellscript")
    (bash . "shellscript") (mhtml . "html") (gfm . "markdown") (latex . "latex") (csharp . "csharp"))
  "Languages that Emacs calls otherwise than the protocol does.")

(defun ambit--language (mode)
  "Return the language of major mode MODE, by its name in the protocol."
  (let ((name (replace-regexp-in-string "\\(-ts\\)?-mode\\'" "" (symbol-name mode))))
    (or (alist-get (intern name) ambit--languages) name)))

;;;; Places

(defun ambit--encoding (server)
  "What SERVER counts in a line: `utf-8', `utf-16' or `utf-32'."
  (let ((named (plist-get (ambit--capabilities server) :positionEncoding)))
    (if named (intern named) 'utf-16)))

(defun ambit--units (text encoding)
  "How long TEXT is in ENCODING."
  (pcase encoding
    ('utf-32 (length text))
    ('utf-8 (string-bytes (encode-coding-string text 'utf-8)))
    ;; What lies beyond the basic plane takes two units.
    (_ (+ (length text) (cl-count-if (lambda (character) (> character #xffff)) text)))))

(defun ambit--place (position encoding)
  "POSITION of this buffer as the protocol has it, in ENCODING."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char position)
      (let ((start (line-beginning-position)))
        (list :line (1- (line-number-at-pos start))
              :character (ambit--units (buffer-substring-no-properties start position) encoding))))))

(defun ambit--position (place encoding)
  "The position of a PLACE of the protocol in this buffer, in ENCODING."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (point-min))
      (forward-line (plist-get place :line))
      (let ((left (plist-get place :character)))
        (while (and (> left 0) (not (eolp)))
          (setq left (- left (ambit--units (string (char-after)) encoding)))
          (forward-char)))
      (point))))

;;;; Eglot's connection

(defun ambit--eglot ()
  "Eglot's connection in this buffer, where that is to `ambit-lsp'."
  (when-let* ((server (and (featurep 'eglot) (eglot-current-server))))
    (and (jsonrpc-running-p server)
         (equal (plist-get (eglot--server-info server) :name) "ambit-lsp")
         server)))

(defun ambit--capabilities (server)
  "What SERVER can do."
  (if (cl-typep server 'ambit-connection)
      (ambit-connection-capabilities server)
    (eglot--capabilities server)))

;;;; Our own connection

(defun ambit--quiet ()
  "Return options that spare a connection writing down each message."
  (if (memq '-events-buffer-config (mapcar #'eieio-slot-descriptor-name (eieio-class-slots 'jsonrpc-connection)))
      '(:events-buffer-config (:size 0 :format full))
    '(:events-buffer-scrollback-size 0)))

(defun ambit--path-uri (path)
  "The URI of PATH."
  (concat "file://" (url-hexify-string (expand-file-name path) url-path-allowed-chars)))

(defun ambit--folder ()
  "The folder of this buffer's project, if it is in one."
  (when-let* ((project (and buffer-file-name (project-current))))
    (directory-file-name (expand-file-name (project-root project)))))

(defun ambit--as-folder (path)
  "PATH as a folder of the workspace."
  (list :uri (ambit--path-uri path) :name (file-name-nondirectory path)))

(defun ambit--connect ()
  "Start `ambit-lsp' and return the connection, or nil when it is not there."
  (when-let* ((program (ambit-locate-program)))
    (let* ((default-directory (expand-file-name "~/"))
           (folder (ambit--folder))
           (connection
            (apply #'make-instance 'ambit-connection
                   :name "ambit"
                   :process (lambda ()
                              (make-process :name "ambit-lsp" :command (list program "--stdio") :connection-type 'pipe
                                            :coding 'utf-8-emacs-unix :noquery t
                                            :stderr (get-buffer-create " *ambit-lsp stderr*")))
                   :notification-dispatcher #'ambit--notified
                   :request-dispatcher #'ambit--requested
                   :on-shutdown #'ambit--ended
                   (ambit--quiet))))
      (setq ambit--standing nil)
      (setf (ambit-connection-folders connection) (and folder (list folder)))
      (jsonrpc-async-request
       connection :initialize
       (list :processId (emacs-pid)
             :clientInfo (list :name "Emacs" :version emacs-version)
             :rootUri (and folder (ambit--path-uri folder))
             :workspaceFolders (if folder (vector (ambit--as-folder folder)) [])
             :initializationOptions (append (list :editorInfo (list :name "Emacs" :version emacs-version))
                                            (ambit--settings))
             :capabilities '(:general (:positionEncodings ["utf-32"])
                             :workspace (:configuration t :workspaceFolders t
                                         :workspaceEdit (:documentChanges t))
                             :window (:showDocument (:support t))))
       :success-fn (lambda (result) (ambit--greeted connection (plist-get result :capabilities)))
       :error-fn (lambda (failure) (message "Ambit: %s" (plist-get failure :message))))
      connection)))

(defun ambit--greeted (connection capabilities)
  "Go on once the server of CONNECTION told its CAPABILITIES."
  (setf (ambit-connection-capabilities connection) capabilities
        (ambit-connection-ready connection) t)
  (jsonrpc-notify connection :initialized (make-hash-table))
  (dolist (buffer (buffer-list))
    (with-current-buffer buffer
      (when (bound-and-true-p ambit-mode)
        (ambit--open)))))

(defun ambit--ended (connection)
  "Forget CONNECTION, whose process has ended."
  (when (eq connection ambit--connection)
    (setq ambit--connection nil ambit--standing nil)
    (dolist (buffer (buffer-list))
      (with-current-buffer buffer
        (setq ambit--uri nil ambit--changes nil)))))

(defun ambit-server ()
  "The connection that serves this buffer, nil while none can be asked.
One that ended is started again."
  (or (ambit--eglot)
      (when (and (bound-and-true-p ambit-mode) (ambit--admitted-p))
        (unless (and ambit--connection (jsonrpc-running-p ambit--connection))
          (setq ambit--connection (ambit--connect)))
        (when (and ambit--connection (ambit-connection-ready ambit--connection))
          (ambit--open)
          ambit--connection))))

(defun ambit--notified (_connection method params)
  "Take the notification METHOD with PARAMS."
  (pcase method
    ('didChangeStatus
     (setq ambit--standing params)
     (force-mode-line-update t))
    ('window/showMessage
     (when (zerop ambit--quiet)
       (message "Ambit: %s" (plist-get params :message))))))

(defun ambit--requested (_connection method params)
  "Answer the request METHOD of the server, with PARAMS."
  (pcase method
    ('workspace/configuration
     (apply #'vector (mapcar (lambda (_) (ambit--settings)) (plist-get params :items))))
    ('window/showDocument
     (browse-url (plist-get params :uri))
     '(:success t))
    (_ nil)))

;;;; What is open, and what is edited

(defun ambit--open ()
  "Tell our own server that this buffer is open."
  ;; What one that has ended was told is nothing to the next one.
  (unless (eq ambit--opener ambit--connection) (setq ambit--uri nil))
  (when (and (not ambit--uri) (ambit--admitted-p) (not (ambit--eglot))
             (not (and buffer-file-name (file-remote-p buffer-file-name)))
             ambit--connection (ambit-connection-ready ambit--connection))
    (let ((folder (ambit--folder)))
      (when (and folder (not (member folder (ambit-connection-folders ambit--connection))))
        (push folder (ambit-connection-folders ambit--connection))
        (jsonrpc-notify ambit--connection :workspace/didChangeWorkspaceFolders
                        (list :event (list :added (vector (ambit--as-folder folder)) :removed [])))))
    (setq ambit--uri (if buffer-file-name
                         (ambit--path-uri buffer-file-name)
                       (concat "untitled:" (url-hexify-string (buffer-name))))
          ambit--opener ambit--connection
          ambit--version (1+ ambit--version)
          ambit--changes nil)
    (jsonrpc-notify ambit--connection :textDocument/didOpen
                    (list :textDocument (list :uri ambit--uri :languageId (ambit--language major-mode)
                                              :version ambit--version :text (ambit--whole-text))))))

(defun ambit--whole-text ()
  "The text of this buffer."
  (save-restriction
    (widen)
    (buffer-substring-no-properties (point-min) (point-max))))

(defun ambit--close ()
  "Tell our own server that this buffer is open no more."
  (when ambit--uri
    (when (and ambit--connection (jsonrpc-running-p ambit--connection))
      (jsonrpc-notify ambit--connection :textDocument/didClose (list :textDocument (list :uri ambit--uri))))
    (setq ambit--uri nil ambit--changes nil)))

(defun ambit--saved ()
  "Tell our own server that this buffer was saved, under another name perhaps."
  (if (and ambit--uri buffer-file-name (not (equal ambit--uri (ambit--path-uri buffer-file-name))))
      (progn (ambit--close) (ambit--open))
    (when ambit--uri
      (ambit--tell-changes)
      (jsonrpc-notify ambit--connection :textDocument/didSave (list :textDocument (list :uri ambit--uri))))))

(defun ambit--before-change (beginning end)
  "Note that the text from BEGINNING to END is about to change."
  (when (and ambit--uri (not (eq ambit--changes 'all)))
    (let ((encoding (ambit--encoding ambit--connection)))
      (setq ambit--before (list beginning end (ambit--place beginning encoding) (ambit--place end encoding))))))

(defun ambit--after-change (beginning end length)
  "Note that BEGINNING to END came in the place of LENGTH characters."
  (when (and ambit--uri (not (eq ambit--changes 'all)))
    (pcase ambit--before
      (`(,(pred (= beginning)) ,(pred (= (+ beginning length))) ,from ,to)
       (push (list :range (list :start from :end to) :text (buffer-substring-no-properties beginning end))
             ambit--changes))
      ;; Some commands announce more than they change.
      (_ (setq ambit--changes 'all)))
    (setq ambit--before nil)))

(defun ambit--tell-changes ()
  "Tell the server of this buffer all edits so far."
  (cond ((ambit--eglot) (eglot--signal-textDocument/didChange))
        ((and ambit--uri ambit--changes ambit--connection)
         (let ((edits (if (eq ambit--changes 'all)
                          (vector (list :text (ambit--whole-text)))
                        (apply #'vector (reverse ambit--changes)))))
           (setq ambit--changes nil ambit--version (1+ ambit--version))
           (jsonrpc-notify ambit--connection :textDocument/didChange
                           (list :textDocument (list :uri ambit--uri :version ambit--version)
                                 :contentChanges edits))))))

(defun ambit--document ()
  "Return how the server of this buffer names it."
  (if (ambit--eglot) (eglot--TextDocumentIdentifier) (list :uri ambit--uri)))

;;;; Edits by the server

(defun ambit--apply-text-edits (edits encoding)
  "Make EDITS in this buffer, whose places are in ENCODING."
  (let ((found (mapcar (lambda (edit)
                         (let ((range (plist-get edit :range)))
                           (list (copy-marker (ambit--position (plist-get range :start) encoding))
                                 (copy-marker (ambit--position (plist-get range :end) encoding))
                                 (plist-get edit :newText))))
                       edits)))
    (pcase-dolist (`(,start ,end ,text) found)
      (save-excursion
        (goto-char start)
        (delete-region start end)
        (insert (replace-regexp-in-string "\r\n" "\n" text))))))

(defun ambit--edits (edit)
  "The documents and text edits of a workspace EDIT: a list of (URI . EDITS)."
  (append (mapcar (lambda (change)
                    (cons (plist-get (plist-get change :textDocument) :uri) (append (plist-get change :edits) nil)))
                  (plist-get edit :documentChanges))
          (cl-loop for (uri edits) on (plist-get edit :changes) by #'cddr
                   collect (cons (substring (symbol-name uri) 1) (append edits nil)))))

(provide 'ambit-connection)
;;; ambit-connection.el ends here

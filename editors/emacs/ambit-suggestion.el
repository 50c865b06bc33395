;;; ambit-suggestion.el --- What follows, as ghost text  -*- lexical-binding: t -*-

;; This file is part of Ambit, under Apache-2.0 or MIT.

;;; Commentary:

;; Suggestions are asked for after each command that changed the text, without a pause; the edit that comes next makes the
;; server drop what was asked before.  One that is typed along is kept without asking anew.

;;; Code:

(require 'ambit-connection)

(defface ambit-suggestion '((t :inherit shadow))
  "How a suggestion looks."
  :group 'ambit)

(defcustom ambit-subtle nil
  "Whether suggestions are shown only when `ambit-suggest' asks for them."
  :type 'boolean
  :group 'ambit)

(defvar-local ambit--suggestions nil "The suggestions for this place: a list of property lists.")
(defvar-local ambit--index 0 "Which of `ambit--suggestions' is shown.")
(defvar-local ambit--asked nil "Whether somebody asked for them.")
(defvar-local ambit--overlays nil "What shows a suggestion.")
(defvar-local ambit--shown nil "Whether a suggestion is shown.")
(defvar-local ambit--tick nil "The text that was followed last, as `buffer-chars-modified-tick' has it.")
(defvar ambit--newest 0 "Numbers the questions, so that an answer to an older one is known.")

(defvar ambit-suggestion-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "TAB") #'ambit-accept)
    (define-key map (kbd "<tab>") #'ambit-accept)
    (define-key map (kbd "C-<right>") #'ambit-accept-word)
    (define-key map (kbd "C-e") #'ambit-accept-line)
    (define-key map (kbd "M-n") #'ambit-next-suggestion)
    (define-key map (kbd "M-p") #'ambit-previous-suggestion)
    (define-key map (kbd "C-g") #'ambit-dismiss)
    map)
  "What keys do while a suggestion is shown.")

(defvar ambit--maps `((ambit--shown . ,ambit-suggestion-map)) "For `emulation-mode-map-alists'.")
(add-to-list 'emulation-mode-map-alists 'ambit--maps)

;;;; A suggestion in front of the text

(defun ambit--suggestion (item server)
  "Return the ITEM of SERVER as a suggestion for this buffer."
  (let* ((encoding (ambit--encoding server))
         (range (plist-get item :range))
         (end (if range (ambit--position (plist-get range :end) encoding) (point))))
    (list :item item
          :text (replace-regexp-in-string "\r\n" "\n" (plist-get item :insertText))
          :crlf (and (string-match-p "\r\n" (plist-get item :insertText)) t)
          :start (if range (ambit--position (plist-get range :start) encoding) (point))
          :tail (buffer-substring-no-properties end (line-end-position)))))

(defun ambit--places (text within)
  "Return where the characters of TEXT stand in WITHIN, in their order.
The value is `none' when they do not."
  (let ((from 0) (places nil))
    (catch 'done
      (seq-doseq (character text)
        (let ((place (cl-position character within :start from)))
          (unless place (throw 'done 'none))
          (push place places)
          (setq from (1+ place))))
      (nreverse places))))

(defun ambit--first-line (text)
  "Return the first line of TEXT."
  (substring text 0 (string-match-p "\n" text)))

(defun ambit--rest (suggestion)
  "Return what of SUGGESTION is still to come at point, and what stands between.
The value is nil when it does not fit any more, and when nothing is left."
  (let ((start (plist-get suggestion :start)) (text (plist-get suggestion :text)) (tail (plist-get suggestion :tail)))
    (when (<= (point-min) start (point))
      (let ((typed (buffer-substring-no-properties start (point)))
            (behind (buffer-substring-no-properties (point) (line-end-position))))
        (when (and (string-prefix-p typed text) (< (length typed) (length text)) (string-suffix-p tail behind))
          (let ((rest (substring text (length typed)))
                (between (substring behind 0 (- (length behind) (length tail)))))
            ;; A bracket that closes by itself stands there already; anything else cannot be shown as an insertion.
            (unless (or (eq (ambit--places between (ambit--first-line rest)) 'none) (equal rest between))
              (list rest between))))))))

(defun ambit--pieces (rest between)
  "Return how REST is shown, where BETWEEN stands already.
The value is a list of offsets from point and texts, and then the lines below."
  (let* ((first (ambit--first-line rest)) (from 0) (offset 0) (pieces nil))
    (dolist (place (ambit--places between first))
      (when (> place from) (push (cons offset (substring first from place)) pieces))
      (setq from (1+ place) offset (1+ offset)))
    (when (< from (length first)) (push (cons offset (substring first from)) pieces))
    (list (nreverse pieces) (substring rest (length first)))))

;;;; Showing

(defun ambit--ghost (text is-first)
  "Return TEXT as it is shown; the cursor stays before it when IS-FIRST."
  (let ((ghost (propertize text 'face 'ambit-suggestion)))
    (when (and is-first (not (string-empty-p ghost)))
      (put-text-property 0 1 'cursor t ghost))
    ghost))

(defun ambit--clear ()
  "Show nothing."
  (mapc #'delete-overlay ambit--overlays)
  (setq ambit--overlays nil ambit--shown nil))

(defun ambit--hide ()
  "Show nothing, and forget what was suggested."
  (ambit--clear)
  (setq ambit--suggestions nil))

(defun ambit--overlay (position text is-first)
  "Show TEXT at POSITION; the cursor stays before it when IS-FIRST."
  (let ((overlay (make-overlay position position nil t t)))
    (overlay-put overlay 'after-string (ambit--ghost text is-first))
    (overlay-put overlay 'ambit t)
    (push overlay ambit--overlays)))

(defun ambit--draw (suggestion rest between)
  "Show REST of SUGGESTION, where BETWEEN stands already."
  (ambit--clear)
  (pcase-let ((`(,pieces ,below) (ambit--pieces rest between)))
    (unless (string-empty-p below)
      (let ((last (car (last pieces))) (end (- (line-end-position) (point))))
        ;; Of two texts in one place nothing says which comes first.
        (if (eql (car last) end)
            (setcdr last (concat (cdr last) below))
          (setq pieces (append pieces (list (cons end below)))))))
    (pcase-dolist (`(,offset . ,text) pieces)
      (ambit--overlay (+ (point) offset) text (zerop offset))))
  (setq ambit--shown t)
  (unless (plist-get suggestion :told)
    (plist-put suggestion :told t)
    (ambit--notify :textDocument/didShowCompletion (list :item (plist-get suggestion :item)))))

(defun ambit--notify (method params)
  "Notify the server of this buffer by METHOD with PARAMS."
  (when-let* ((server (ambit-server)))
    (jsonrpc-notify server method params)))

(defun ambit--present ()
  "Show the chosen suggestion, or another one that fits what was typed.
Return whether there is one."
  (let ((count (length ambit--suggestions)) (found nil) (step 0))
    (while (and (not found) (< step count))
      (let* ((index (mod (+ ambit--index step) count))
             (suggestion (nth index ambit--suggestions))
             (rest (ambit--rest suggestion)))
        (when rest
          (setq found t ambit--index index)
          (when (or ambit--asked (not ambit-subtle))
            (ambit--draw suggestion (car rest) (cadr rest)))))
      (setq step (1+ step)))
    found))

;;;; Asking

(defun ambit--wanted-p ()
  "Whether a suggestion is wanted here now."
  (and (ambit--admitted-p)
       (not buffer-read-only)
       (not (region-active-p))
       (not (bound-and-true-p completion-in-region-mode))
       (not (bound-and-true-p company-candidates))
       (not (bound-and-true-p isearch-mode))
       ;; Who commands by letters does not write.
       (or (not (bound-and-true-p evil-local-mode)) (memq (bound-and-true-p evil-state) '(insert emacs)))))

(defun ambit--request (asked &optional further)
  "Ask for suggestions, because somebody ASKED or just typed.
FURTHER is how many suggestions further than the first is to be shown."
  (setq ambit--newest (1+ ambit--newest))
  (ambit--hide)
  (when-let* ((server (and (ambit--wanted-p) (ambit-server))))
    (ambit--tell-changes)
    (let ((buffer (current-buffer)) (place (point)) (number ambit--newest) (tick (buffer-chars-modified-tick)))
      (jsonrpc-async-request
       server :textDocument/inlineCompletion
       (list :textDocument (ambit--document)
             :position (ambit--place place (ambit--encoding server))
             :context (list :triggerKind (if asked 1 2)))
       :success-fn
       (lambda (result)
         (when (and (= number ambit--newest) (buffer-live-p buffer))
           (with-current-buffer buffer
             (when (and (= place (point)) (= tick (buffer-chars-modified-tick)))
               (ambit--answered server result asked further)))))
       ;; A question whose text has changed has no answer.
       :error-fn #'ignore
       :timeout-fn #'ignore))))

(defun ambit--answered (server result asked further)
  "Show the RESULT of SERVER; ASKED and FURTHER as for `ambit--request'."
  (let ((items (if (vectorp result) result (plist-get result :items))))
    (setq ambit--suggestions (mapcar (lambda (item) (ambit--suggestion item server)) items)
          ambit--asked asked
          ambit--index (if ambit--suggestions (mod (or further 0) (length ambit--suggestions)) 0))
    (unless (ambit--present) (ambit--hide))
    (force-mode-line-update)))

(defun ambit--follow ()
  "Follow what the last command did: along a suggestion, or to new ones."
  (let* ((tick (buffer-chars-modified-tick)) (is-changed (not (eql tick ambit--tick))))
    (setq ambit--tick tick)
    (cond ((and ambit--suggestions (ambit--wanted-p) (ambit--present)))
          (is-changed (ambit--request nil))
          (ambit--suggestions (setq ambit--newest (1+ ambit--newest)) (ambit--hide)))
    ;; The host counts what is written also where nothing is suggested.
    (ambit--tell-changes)))

;;;; Commands

(defun ambit--part (text part)
  "Return the beginning of TEXT that is its next PART: `word', `line' or `all'."
  (pcase part
    ('word (if (string-match "\\`[[:space:]\n]*\\(?:\\(?:\\sw\\|\\s_\\)+\\|[^[:space:]\n[:word:]]+\\)" text)
               (match-string 0 text)
             text))
    ('line (if (string-match "\\`\n*[^\n]*" text) (match-string 0 text) text))
    (_ text)))

(defun ambit--take (part)
  "Put the next PART of the suggestion in, and tell the server."
  (let* ((suggestion (nth ambit--index ambit--suggestions))
         (found (and ambit--shown (ambit--rest suggestion))))
    (unless found (user-error "There is no suggestion here"))
    (pcase-let* ((`(,rest ,between) found)
                 (text (ambit--part rest part))
                 (left (substring rest (length text)))
                 (kept between))
      ;; What stands there already and does not follow any more is part of what was taken.
      (while (eq (ambit--places kept (ambit--first-line left)) 'none)
        (setq kept (substring kept 1)))
      (ambit--clear)
      (delete-region (point) (+ (point) (- (length between) (length kept))))
      (insert text)
      (if (equal left kept)
          (progn (ambit--hide) (ambit--tell-accepted suggestion))
        (let ((standing (substring (plist-get suggestion :text) 0 (- (length left)))))
          (ambit--notify :textDocument/didPartiallyAcceptCompletion
                         (list :item (plist-get suggestion :item)
                               :acceptedLength (+ (length standing)
                                                  (if (plist-get suggestion :crlf) (cl-count ?\n standing) 0)))))))))

(defun ambit--tell-accepted (suggestion)
  "Tell the server that SUGGESTION was taken."
  (when-let* ((server (ambit-server)) (command (plist-get (plist-get suggestion :item) :command)))
    (jsonrpc-async-request server :workspace/executeCommand
                           (list :command (plist-get command :command) :arguments (plist-get command :arguments))
                           ;; Nothing depends on the answer.
                           :success-fn #'ignore :error-fn #'ignore :timeout-fn #'ignore)))

(defun ambit-accept ()
  "Take the suggestion."
  (interactive)
  (ambit--take 'all))

(defun ambit-accept-word ()
  "Take the next word of the suggestion."
  (interactive)
  (ambit--take 'word))

(defun ambit-accept-line ()
  "Take the next line of the suggestion."
  (interactive)
  (ambit--take 'line))

(defun ambit-next-suggestion (&optional by)
  "Show another suggestion, BY that many further."
  (interactive "p")
  (let ((by (or by 1)))
    (cond ((null ambit--suggestions) (ambit-suggest))
          ;; Only one was asked for while somebody typed.
          ((not ambit--asked) (ambit--request t by))
          (t (setq ambit--index (mod (+ ambit--index by) (length ambit--suggestions)))
             (ambit--present)))))

(defun ambit-previous-suggestion (&optional by)
  "Show another suggestion, BY that many back."
  (interactive "p")
  (ambit-next-suggestion (- (or by 1))))

(defun ambit-dismiss ()
  "Put the suggestion away."
  (interactive)
  (setq ambit--newest (1+ ambit--newest))
  (ambit--hide))

(defun ambit-suggest ()
  "Ask for suggestions, also where doubt would keep the host silent."
  (interactive)
  (ambit--request t))

(provide 'ambit-suggestion)
;;; ambit-suggestion.el ends here

;;; check-documentation.el --- Checks what the package says of itself  -*- lexical-binding: t -*-

;;; Commentary:

;; `emacs --batch -l check-documentation.el FILES' fails where checkdoc has something to say about one of FILES.

;;; Code:

(require 'checkdoc)

(let ((problems 0))
  (setq checkdoc-create-error-function
        (lambda (text start _end &optional _unfixable)
          (setq problems (1+ problems))
          (message "%s:%d: %s" buffer-file-name (line-number-at-pos start) text)
          nil))
  (dolist (file command-line-args-left)
    (with-current-buffer (find-file-noselect file)
      (checkdoc-current-buffer t)))
  (kill-emacs (if (zerop problems) 0 1)))

;;; check-documentation.el ends here

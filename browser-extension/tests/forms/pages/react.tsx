import { useState, type ChangeEvent } from 'react';
import { createRoot } from 'react-dom/client';

type Answers = Record<string, string | boolean>;

declare global {
  interface Window {
    answers: Answers;
  }
}

/** A form whose every control shows what the state holds, and nothing else. */
function Registration() {
  const [answers, setAnswers] = useState<Answers>({
    name: '',
    email: '',
    about: '',
    country: '',
    size: '',
    born: '',
    news: false,
    code: '',
  });
  window.answers = answers;
  const bound = (key: string) => ({
    value: String(answers[key]),
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>) =>
      setAnswers((before) => ({ ...before, [key]: event.target.value })),
  });
  return (
    <form>
      <p>
        <label>
          Full name <input {...bound('name')} />
        </label>
      </p>
      <p>
        <label>
          Email <input type="email" {...bound('email')} />
        </label>
      </p>
      <p>
        <label>
          About you <textarea {...bound('about')} />
        </label>
      </p>
      <p>
        <label>
          Country{' '}
          <select {...bound('country')}>
            <option value="">Choose</option>
            <option value="de">Germany</option>
            <option value="gb">United Kingdom</option>
          </select>
        </label>
      </p>
      <fieldset>
        <legend>Gender</legend>
        {['female', 'male'].map((size) => (
          <label key={size}>
            <input
              type="radio"
              name="size"
              value={size}
              checked={answers['size'] === size}
              onChange={bound('size').onChange}
            />
            {size}
          </label>
        ))}
      </fieldset>
      <p>
        <label>
          Birthday <input type="date" {...bound('born')} />
        </label>
      </p>
      <p>
        <label>
          <input
            type="checkbox"
            checked={answers['news'] === true}
            onChange={(event) => setAnswers((before) => ({ ...before, news: event.target.checked }))}
          />
          Newsletter
        </label>
      </p>
      <p>
        <label>
          Postcode{' '}
          <input
            value={String(answers['code'])}
            onChange={(event) => setAnswers((before) => ({ ...before, code: event.target.value.replace(/\s/g, '') }))}
          />
        </label>
      </p>
    </form>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(<Registration />);

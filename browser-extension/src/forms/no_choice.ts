import type { FieldOption } from './types';

/** How options begin that only ask for a choice. */
const ASKS =
  /^([\s.…—–*-]|(please )?(select|choose)\b|bitte|auswählen|wählen|choisi|sélection|seleccion|elij|elige|elegir|scegli|selezion|selecion|escolh|kies|maak een|wybierz|vyber|zvolte|välj|seçin|請選択|選択|お選び|请选择|選擇|请选|選んで)/iu;

/** Whether an option stands for none, as `Please choose` does. */
export function isNoChoice({ text, value }: FieldOption): boolean {
  return value === '' || text === '' || ASKS.test(text);
}

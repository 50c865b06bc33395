/** The program that the browser starts for the extension, by the name in its manifest. */
export const NATIVE_HOST = 'app.ambit.native_host';

/** The version of what is spoken with that program. Another number is another language. */
export const PROTOCOL = 1;

/** Of a longer address, as pictures have that stand in it themselves, only so many characters are compared. */
export const LONGEST_ADDRESS = 4000;

/** What tasks of {@code export} do: rows of the dataset into files of other tools' formats. */
package io.landloom.jobs.export;

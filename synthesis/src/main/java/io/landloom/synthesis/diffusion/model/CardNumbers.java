package io.landloom.synthesis.diffusion.model;

import io.landloom.synthesis.weights.ModelCard;
import io.landloom.synthesis.weights.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Whole numbers and lists of them among the sizes of a card, below a prefix. */
final class CardNumbers {
  private final String prefix;
  private final String source;
  private final SortedMap<String, Integer> sizes;

  private CardNumbers(String prefix, String source, SortedMap<String, Integer> sizes) {
    this.prefix = prefix;
    this.source = source;
    this.sizes = sizes;
  }

  /** None yet. */
  static CardNumbers empty(String prefix) {
    return new CardNumbers(prefix, "", new TreeMap<>());
  }

  /** Those of a card. */
  static CardNumbers of(ModelCard card, String prefix) {
    return new CardNumbers(prefix, "model '" + card.name() + "'", card.sizes());
  }

  CardNumbers put(String key, int number) {
    sizes.put(prefix + key, number);
    return this;
  }

  /** Puts a list as {@code KEY.0}, {@code KEY.1} and so on. */
  CardNumbers put(String key, List<Integer> numbers) {
    for (int i = 0; i < numbers.size(); i++) {
      put(key + "." + i, numbers.get(i));
    }
    return this;
  }

  SortedMap<String, Integer> asMap() {
    return sizes;
  }

  /**
   * A number.
   *
   * @throws ModelException if it is missing or negative
   */
  int number(String key) {
    Integer number = sizes.get(prefix + key);
    if (number == null || number < 0) {
      throw new ModelException(source, "sizes." + prefix + key + " is " + number);
    }
    return number;
  }

  /**
   * A list.
   *
   * @throws ModelException if it is empty
   */
  List<Integer> list(String key) {
    List<Integer> numbers = new ArrayList<>();
    while (sizes.containsKey(prefix + key + "." + numbers.size())) {
      numbers.add(number(key + "." + numbers.size()));
    }
    if (numbers.isEmpty()) {
      throw new ModelException(source, "sizes." + prefix + key + ".0 is null");
    }
    return numbers;
  }
}

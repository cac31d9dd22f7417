"""Any model as a table of one vector a token, in the layout of Model2Vec."""
